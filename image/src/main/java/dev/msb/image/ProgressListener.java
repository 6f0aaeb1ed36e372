package dev.msb.image;

/// Hears how far a download is. Called on the thread that downloads, often: it should be quick.
@FunctionalInterface
public interface ProgressListener {
  /// Hears nothing.
  ProgressListener NONE = (blob, bytes) -> {};

  /// So many of the blob's bytes are there. Falls back when a download has to start anew.
  ///
  /// @param blob what is downloaded
  /// @param bytes from 0 to the blob's size
  void progress(Descriptor blob, long bytes);
}
