package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.Compression;
import java.util.Set;

/// The names of the formats that images are made of.
final class MediaTypes {
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
  static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1";

  /// What a registry is asked for. Schema 1 is not in it: a registry that has nothing else says so,
  /// or sends it all the same.
  static final String ACCEPTED =
      String.join(", ", OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);

  static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
  static final Set<String> MANIFESTS = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);

  static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";

  static final Set<String> CONFIGS =
      Set.of(OCI_CONFIG, "application/vnd.docker.container.image.v1+json");

  static final Set<String> LAYERS =
      Set.of(
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.oci.image.layer.v1.tar+zstd",
          // Not in any standard, and written all the same.
          "application/vnd.oci.image.layer.v1.tar+xz",
          "application/vnd.oci.image.layer.v1.tar+bzip2",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.docker.image.rootfs.diff.tar.zstd",
          "application/vnd.docker.image.rootfs.diff.tar.xz",
          "application/vnd.docker.image.rootfs.diff.tar.bzip2");

  private MediaTypes() {}

  /// That of a layer which begins with these bytes.
  ///
  /// @throws ImageException if no layer does
  static String layer(byte[] first) throws ImageException {
    try {
      return "application/vnd.oci.image.layer.v1.tar" + Compression.of(first).suffix();
    } catch (ArchiveException e) {
      throw new ImageException(e);
    }
  }

  /// A layer that its owner does not allow registries to hand on, such as those of Windows.
  static boolean isForeignLayer(String mediaType) {
    return mediaType.startsWith("application/vnd.oci.image.layer.nondistributable.")
        || mediaType.startsWith("application/vnd.docker.image.rootfs.foreign.");
  }
}
