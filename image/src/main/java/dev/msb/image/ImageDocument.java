package dev.msb.image;

import dev.msb.protocol.OneLine;

/// What a tag or a digest names in a registry: a [Manifest], or an [ImageIndex] of manifests.
public sealed interface ImageDocument permits Manifest, ImageIndex {
  /// Largest document, in bytes. Registries have the same limit.
  int LARGEST_BYTES = 4 * 1024 * 1024;

  /// The format that it is in, also where the document itself does not say.
  String mediaType();

  /// Reads either, telling them apart by what is in them.
  ///
  /// @throws ImageException if it is neither, is larger than [#LARGEST_BYTES], is in Docker's old
  ///   schema 1, or is not of an image that msb can run
  static ImageDocument parse(byte[] bytes) throws ImageException {
    return parse(bytes, "the manifest");
  }

  /// Names the document in messages, too.
  static ImageDocument parse(byte[] bytes, String what) throws ImageException {
    if (bytes.length > LARGEST_BYTES) {
      throw new ImageException(
          what + " has " + bytes.length + " bytes, more than " + LARGEST_BYTES);
    }
    JsonObject json = JsonObject.parse(bytes, what);
    String mediaType = json.string("mediaType").orElse("");
    if (json.number("schemaVersion").orElse(2) == 1 || mediaType.startsWith(MediaTypes.SCHEMA_1)) {
      throw schema1(what);
    }
    if (json.number("schemaVersion").orElse(0) != 2) {
      throw new ImageException(what + " is not of schema version 2");
    }
    boolean index = json.has("manifests");
    // One that can be read both ways could be two images: one to who checks it, another to us.
    if (index && (json.has("config") || json.has("layers"))) {
      throw new ImageException(what + " is a manifest and an index at once");
    }
    boolean mislabelled =
        index
            ? MediaTypes.MANIFESTS.contains(mediaType)
            : MediaTypes.INDEXES.contains(mediaType) && json.has("config");
    if (mislabelled) {
      throw new ImageException(what + " is not the " + mediaType + " that it says it is");
    }
    if (index || MediaTypes.INDEXES.contains(mediaType)) {
      return ImageIndex.from(json);
    }
    if (!json.has("config") && !json.has("layers")) {
      throw new ImageException(
          what
              + " is no image"
              + (mediaType.isEmpty() ? "" : ", but " + OneLine.of(mediaType, 100)));
    }
    return Manifest.from(json);
  }

  /// What schema 1 is reported as.
  private static ImageException schema1(String what) {
    return new ImageException(
        what
            + " is in Docker's old schema 1, which msb does not read:"
            + " build or push the image again with a current tool");
  }
}
