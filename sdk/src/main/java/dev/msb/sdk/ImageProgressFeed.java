package dev.msb.sdk;

import dev.msb.image.Descriptor;
import dev.msb.image.ImageListener;
import dev.msb.image.Manifest;
import dev.msb.image.Reference;
import java.util.HashMap;
import java.util.Map;

/// Tells an [ImageProgress] what happens to an image. Layers come in at once, each on a thread of
/// its own; here they become one count.
final class ImageProgressFeed implements ImageListener {
  private final ImageProgress progress;
  private final Map<Descriptor, Long> fetched = new HashMap<>(); // guarded by this
  private String name = "";
  private long total;

  ImageProgressFeed(ImageProgress progress) {
    this.progress = progress;
  }

  @Override
  public synchronized void found(Reference image, Manifest manifest) {
    name = image.familiar();
    total = manifest.layers().stream().distinct().mapToLong(Descriptor::size).sum();
    progress.progress(ImageProgress.Stage.PULLING, name, 0, total);
  }

  @Override
  public synchronized void progress(Descriptor blob, long bytes) {
    fetched.put(blob, bytes);
    long done = fetched.values().stream().mapToLong(Long::longValue).sum();
    progress.progress(ImageProgress.Stage.PULLING, name, done, total);
  }

  @Override
  public synchronized void progress(Stage stage, long done, long all) {
    progress.progress(
        stage == Stage.READING ? ImageProgress.Stage.UNPACKING : ImageProgress.Stage.WRITING,
        name,
        done,
        all);
  }
}
