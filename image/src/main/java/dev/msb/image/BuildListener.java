package dev.msb.image;

/// Hears how the making of a root disk goes on. It is called in the thread that builds, at most
/// once a mebibyte and at the end of each stage, and what it throws ends the build.
@FunctionalInterface
public interface BuildListener {

  /// Hears nothing.
  BuildListener NONE = (stage, done, total) -> {};

  /// What is being done.
  enum Stage {
    /// The layers are read; bytes are those of their files.
    READING,
    /// The root disk is written; bytes are those of the contents of its files.
    WRITING
  }

  /// `done` bytes of `total` are done.
  void progress(Stage stage, long done, long total);
}
