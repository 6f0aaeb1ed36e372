package dev.msb.image;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/// A small image, and the documents that describe it.
final class TestImage {
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

  final byte[] layer;
  final byte[] config;
  final byte[] manifest;

  TestImage(String architecture) {
    this(architecture, noise(300_000), Digest.of(bytes("unpacked")));
  }

  TestImage(String architecture, byte[] layer, Digest diffId) {
    this.layer = layer;
    config =
        bytes(
            """
            {"architecture": "%s", "os": "linux", "config": {"Cmd": ["/bin/sh"], "Env": ["A=b"]},
             "rootfs": {"type": "layers", "diff_ids": ["%s"]}}
            """
                .formatted(architecture, diffId));
    manifest =
        bytes(
            """
            {"schemaVersion": 2, "mediaType": "%s", "config": %s, "layers": [%s]}
            """
                .formatted(
                    OCI_MANIFEST,
                    descriptor("application/vnd.oci.image.config.v1+json", config),
                    descriptor(LAYER_TYPE, layer)));
  }

  Descriptor layerDescriptor() {
    return new Descriptor(LAYER_TYPE, Digest.of(layer), layer.length);
  }

  /// Puts all of it on a server.
  void serve(WebServer server, String repository, String tag) {
    WebServer.Answer answer = WebServer.status(200, manifest, "Content-Type", OCI_MANIFEST);
    server.on("/v2/" + repository + "/manifests/" + tag, answer);
    server.on("/v2/" + repository + "/manifests/" + Digest.of(manifest), answer);
    server.on("/v2/" + repository + "/blobs/" + Digest.of(config), WebServer.status(200, config));
    server.on("/v2/" + repository + "/blobs/" + Digest.of(layer), WebServer.ranged(layer));
  }

  static String descriptor(String mediaType, byte[] bytes) {
    return "{\"mediaType\": \"%s\", \"digest\": \"%s\", \"size\": %d}"
        .formatted(mediaType, Digest.of(bytes), bytes.length);
  }

  static byte[] noise(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
