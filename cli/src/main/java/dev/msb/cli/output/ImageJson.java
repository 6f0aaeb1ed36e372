package dev.msb.cli.output;

import dev.msb.sdk.ImageInfo;
import dev.msb.sdk.Images;
import java.util.TreeSet;

/// Images as JSON. The members are promised in `docs/cli.md`: they may become more.
public final class ImageJson {
  private ImageJson() {}

  public static JsonObject of(ImageInfo image) {
    ImageInfo.Config config = image.config();
    JsonObject json = new JsonObject().text("name", image.name());
    json.text("id", image.id());
    json.text("digest", image.digest());
    json.text("manifest", image.manifestDigest());
    image.platform().ifPresent(platform -> json.text("platform", platform));
    json.number("size", image.size());
    json.text("added", image.added().toString());
    image.created().ifPresent(time -> json.text("created", time.toString()));
    json.texts("entrypoint", config.entrypoint());
    json.texts("cmd", config.command());
    json.texts("env", config.env());
    json.text("workdir", config.workingDirectory());
    json.text("user", config.user());
    json.text("stop_signal", config.stopSignal());
    json.texts("exposed_ports", new TreeSet<>(config.exposedPorts()));
    json.texts("labels", config.labels());
    json.texts("layers", image.layers());
    return json.text("root", image.rootDisk().toString());
  }

  /// What `image prune` removed.
  public static JsonObject of(Images.Pruned pruned) {
    return new JsonObject().texts("removed", pruned.images()).number("bytes", pruned.bytes());
  }
}
