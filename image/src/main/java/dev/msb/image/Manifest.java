package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An image for one platform: its configuration and its layers. Read from an OCI image manifest or
/// Docker's schema 2.
///
/// @param mediaType the manifest's own format
/// @param config where the [ImageConfig] is
/// @param layers tar archives, compressed or not, the lowest first
/// @param annotations notes of who made it, not checked
public record Manifest(
    String mediaType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations)
    implements ImageDocument {
  /// Most layers of an image; Docker makes no more than 127.
  public static final int MOST_LAYERS = 1_000;

  /// Copies the collections.
  public Manifest {
    layers = List.copyOf(layers);
    annotations = Map.copyOf(annotations);
  }

  /// Reads a manifest.
  ///
  /// @throws ImageException as [ImageDocument#parse] does, and if it is an index
  public static Manifest parse(byte[] bytes) throws ImageException {
    if (ImageDocument.parse(bytes) instanceof Manifest manifest) {
      return manifest;
    }
    throw new ImageException("the manifest is an index");
  }

  static Manifest from(JsonObject json) throws ImageException {
    String what = json.what();
    Descriptor config =
        Descriptor.from(json.object("config").orElseThrow(() -> json.lacks("config")));
    if (!MediaTypes.CONFIGS.contains(config.mediaType())) {
      String type = json.string("artifactType").orElse(config.mediaType());
      throw new ImageException(
          what + " is of an artifact, not of an image: " + OneLine.of(type, 100));
    }
    if (config.size() > ImageConfig.LARGEST_BYTES) {
      throw new ImageException(
          what
              + " names a configuration of "
              + config.size()
              + " bytes, more than "
              + ImageConfig.LARGEST_BYTES);
    }
    List<JsonObject> elements = json.objects("layers");
    if (elements.size() > MOST_LAYERS) {
      throw new ImageException(
          what + " names " + elements.size() + " layers, more than " + MOST_LAYERS);
    }
    List<Descriptor> layers = new ArrayList<>();
    for (JsonObject element : elements) {
      Descriptor layer = Descriptor.from(element);
      checkLayer(what, layer.mediaType());
      layers.add(layer);
    }
    String mediaType =
        json.string("mediaType")
            .orElse(
                config.mediaType().startsWith("application/vnd.docker.")
                    ? MediaTypes.DOCKER_MANIFEST
                    : MediaTypes.OCI_MANIFEST);
    if (!MediaTypes.MANIFESTS.contains(mediaType)) {
      throw new ImageException(what + " is no image, but " + OneLine.of(mediaType, 100));
    }
    return new Manifest(mediaType, config, layers, json.stringMap("annotations"));
  }

  private static void checkLayer(String what, String mediaType) throws ImageException {
    if (MediaTypes.isForeignLayer(mediaType)) {
      throw new ImageException(
          what
              + " has a layer that registries may not hand on ("
              + OneLine.of(mediaType, 100)
              + "), so msb cannot get all of the image");
    }
    if (!MediaTypes.LAYERS.contains(mediaType)) {
      throw new ImageException(
          what + " has a layer of a kind msb does not read: " + OneLine.of(mediaType, 100));
    }
  }
}
