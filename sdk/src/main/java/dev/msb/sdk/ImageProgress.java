package dev.msb.sdk;

/// Hears how an image comes in. It is called on the threads that do the work, by one of them at a
/// time, and often, so it should be quick. An exception from it ends the work.
@FunctionalInterface
public interface ImageProgress {
  /// Hears nothing.
  ImageProgress NONE = (stage, image, done, total) -> {};

  /// What is being done. Stages whose outcome is here already are left out.
  enum Stage {
    /// The layers are fetched; bytes are those of their files. All layers count together, and the
    /// count falls back when one of them has to start anew.
    PULLING,
    /// The layers are read; bytes are those of their files.
    UNPACKING,
    /// The root disk is written; bytes are those of the contents of its files.
    WRITING
  }

  /// `done` bytes of `total` are done. A stage begins with a call for 0 bytes or more.
  ///
  /// @param image the name of the image as [ImageInfo#name] has it; empty where there is none, as
  ///   with an archive or a directory
  void progress(Stage stage, String image, long done, long total);
}
