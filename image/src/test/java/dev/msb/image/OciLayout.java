package dev.msb.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Images in a directory.
final class OciLayout {
  private static final String TYPE = "application/vnd.oci.image.";

  private OciLayout() {}

  /// Writes an image of uncompressed layers with the tag `latest`.
  static void write(Path directory, List<byte[]> layers) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    StringBuilder descriptors = new StringBuilder();
    for (byte[] layer : layers) {
      descriptors.append(descriptors.isEmpty() ? "" : ",");
      descriptors.append(blob(blobs, "layer.v1.tar", layer));
    }
    String diffIds =
        layers.stream()
            .map(layer -> '"' + Digest.of(layer).toString() + '"')
            .collect(Collectors.joining(","));
    String config =
        blob(
            blobs,
            "config.v1+json",
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + diffIds
                + "]},\"history\":[]}");
    String manifest =
        blob(
            blobs,
            "manifest.v1+json",
            "{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":[" + descriptors + "]}");
    String tagged =
        manifest.substring(0, manifest.length() - 1)
            + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}}";
    Files.writeString(
        directory.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + tagged + "]}");
  }

  /// Writes an image of one layer.
  ///
  /// @return its descriptor, for [#index]
  static String image(Path directory, String name, String platform) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    Platform parts = Platform.parse(platform);
    String fields =
        "\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\""
            .formatted(parts.os(), parts.architecture(), parts.variant());
    byte[] layer = TarBytes.of(TarBytes.file("etc/platform", platform));
    String config = "{%s,\"rootfs\":{\"diff_ids\":[\"%s\"]}}".formatted(fields, Digest.of(layer));
    String manifest =
        "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
            .formatted(blob(blobs, "config.v1+json", config), blob(blobs, "layer.v1.tar", layer));
    String descriptor = blob(blobs, "manifest.v1+json", manifest);
    return descriptor.substring(0, descriptor.length() - 1)
        + ",\"platform\":{"
        + fields
        + "},\"annotations\":{\"org.opencontainers.image.ref.name\":\""
        + name
        + "\"}}";
  }

  /// Makes a directory with such images a layout.
  static void index(Path directory, String... images) throws IOException {
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        directory.resolve("index.json"),
        "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", images) + "]}");
  }

  private static String blob(Path blobs, String type, String text) throws IOException {
    return blob(blobs, type, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String blob(Path blobs, String type, byte[] bytes) throws IOException {
    Digest digest = Digest.of(bytes);
    Files.write(blobs.resolve(digest.hex()), bytes);
    return "{\"mediaType\":\""
        + TYPE
        + type
        + "\",\"digest\":\""
        + digest
        + "\",\"size\":"
        + bytes.length
        + "}";
  }
}
