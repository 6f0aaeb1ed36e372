package dev.msb.cli;

import dev.msb.image.Descriptor;
import dev.msb.image.Image;
import dev.msb.image.ImageConfig;
import dev.msb.image.ImageStore;
import dev.msb.image.Reference;
import java.util.TreeSet;

/// Images as JSON. The members are promised in `docs/cli.md`: they may become more.
final class ImageJson {
  private ImageJson() {}

  static JsonObject of(Image image) {
    ImageConfig config = image.config();
    JsonObject json = new JsonObject().text("name", image.name().familiar());
    json.text("id", image.id().toString());
    json.text("digest", image.source().toString());
    json.text("manifest", image.descriptor().digest().toString());
    config.platform().ifPresent(platform -> json.text("platform", platform.toString()));
    json.number("size", image.size());
    json.text("added", image.added().toString());
    config.created().ifPresent(time -> json.text("created", time.toString()));
    json.texts("entrypoint", config.entrypoint());
    json.texts("cmd", config.cmd());
    json.texts("env", config.env());
    json.text("workdir", config.workingDirectory());
    json.text("user", config.user());
    json.text("stop_signal", config.stopSignal());
    json.texts("exposed_ports", new TreeSet<>(config.exposedPorts()));
    json.texts("labels", config.labels());
    json.texts(
        "layers",
        image.manifest().layers().stream().map(Descriptor::digest).map(String::valueOf).toList());
    return json.text("root", image.root().toString());
  }

  /// What `image prune` removed.
  static JsonObject of(ImageStore.Pruned pruned) {
    return new JsonObject()
        .texts("removed", pruned.images().stream().map(Reference::familiar).toList())
        .number("bytes", pruned.bytes());
  }
}
