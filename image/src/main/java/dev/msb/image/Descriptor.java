package dev.msb.image;

import java.util.Map;
import java.util.Optional;

/// Names some bytes in a registry or an archive: what they are, their digest and how many.
///
/// @param mediaType such as `application/vnd.oci.image.layer.v1.tar+gzip`
/// @param digest of the bytes
/// @param size in bytes, not negative
/// @param platform of the image, in an index that says it
/// @param annotations notes of who made it, not checked
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Platform> platform,
    Map<String, String> annotations) {

  /// Checks the size.
  ///
  /// @throws IllegalArgumentException if it is negative
  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("a size of " + size + " bytes");
    }
    annotations = Map.copyOf(annotations);
  }

  /// Without platform and annotations.
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Optional.empty(), Map.of());
  }

  static Descriptor from(JsonObject json) throws ImageException {
    String digest = json.string("digest").orElseThrow(() -> json.lacks("digest"));
    long size = json.number("size").orElse(-1);
    if (size < 0) {
      throw json.has("size")
          ? new ImageException(json.what() + " has a size of " + size + " bytes")
          : json.lacks("size");
    }
    Optional<JsonObject> platform = json.object("platform");
    return new Descriptor(
        json.string("mediaType").orElse(""),
        json.digest(digest),
        size,
        platform.isEmpty() ? Optional.empty() : Platform.from(platform.get()),
        json.stringMap("annotations"));
  }
}
