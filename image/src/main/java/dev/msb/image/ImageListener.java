package dev.msb.image;

/// Hears how an image comes in. Layers come at once, each on a thread of its own: it must be safe
/// for use by several.
public interface ImageListener extends ProgressListener, BuildListener {
  /// Hears nothing.
  ImageListener NONE =
      new ImageListener() {
        @Override
        public void progress(Descriptor blob, long bytes) {}

        @Override
        public void progress(Stage stage, long done, long total) {}
      };

  /// What will be pulled is known. Called before any progress.
  default void found(Reference name, Manifest manifest) {}
}
