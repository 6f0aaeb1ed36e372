package dev.msb.image;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Writes images for other programs: an OCI layout, which in a tar is also what `docker load`
/// reads.
public final class ImageArchiveWriter {
  private final ImageStore store;
  private final ArchiveSink sink;
  private final Set<Digest> written = new HashSet<>();

  private ImageArchiveWriter(ImageStore store, ArchiveSink sink) {
    this.store = store;
    this.sink = sink;
  }

  /// Writes a tar.
  ///
  /// @param out stays open
  /// @throws ImageException if it cannot be written
  public static void save(ImageStore store, List<Image> images, OutputStream out)
      throws ImageException {
    write(store, images, new ArchiveSink.Tar(new BufferedOutputStream(out, 128 * 1024)));
  }

  /// Writes a tar file, which is there only when it is whole, or, if `out` is an existing
  /// directory, an OCI layout into it.
  ///
  /// @throws ImageException if it cannot be written, or the directory is not empty
  public static void save(ImageStore store, List<Image> images, Path out) throws ImageException {
    try {
      if (Files.isDirectory(out)) {
        try (Stream<Path> entries = Files.list(out)) {
          if (entries.findAny().isPresent()) {
            throw new ImageException(out + " is not empty");
          }
        }
        write(store, images, new ArchiveSink.Directory(out));
        return;
      }
      Path absolute = out.toAbsolutePath();
      Path part = Files.createTempFile(absolute.getParent(), ".msb-save-", "");
      try {
        try (OutputStream file = Files.newOutputStream(part)) {
          save(store, images, file);
        }
        Files.move(part, absolute, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw ImageStore.wrap("cannot write " + out, e);
    }
  }

  private static void write(ImageStore store, List<Image> images, ArchiveSink sink)
      throws ImageException {
    FileLocks.Held held = store.locked(false);
    try (held) {
      new ImageArchiveWriter(store, sink).write(images);
    } catch (IOException e) {
      throw ImageStore.wrap("cannot save the images", e);
    }
  }

  private void write(List<Image> images) throws IOException {
    text("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
    List<String> descriptors = new ArrayList<>();
    Map<Digest, List<Image>> byManifest = new LinkedHashMap<>();
    for (Image image : images) {
      blob(image.descriptor());
      blob(image.manifest().config());
      for (Descriptor layer : image.manifest().layers()) {
        blob(layer);
      }
      Map<String, String> annotations = new LinkedHashMap<>();
      annotations.put("io.containerd.image.name", image.name().toString());
      image
          .name()
          .tag()
          .ifPresent(tag -> annotations.put("org.opencontainers.image.ref.name", tag));
      Descriptor named = image.descriptor();
      descriptors.add(
          Json.descriptor(
              new Descriptor(
                  named.mediaType(), named.digest(), named.size(), named.platform(), annotations)));
      byManifest.computeIfAbsent(named.digest(), digest -> new ArrayList<>()).add(image);
    }
    text(
        "index.json",
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaTypes.OCI_INDEX
            + "\",\"manifests\":["
            + String.join(",", descriptors)
            + "]}");
    text(
        "manifest.json",
        "[" + String.join(",", byManifest.values().stream().map(this::docker).toList()) + "]");
    sink.end();
  }

  /// What `docker load` looks for. The names are such that nothing in them needs an escape.
  private String docker(List<Image> names) {
    Manifest manifest = names.getFirst().manifest();
    List<String> tags = new ArrayList<>();
    for (Image image : names) {
      if (image.name().tag().isPresent()) {
        tags.add('"' + untangled(image.name()) + '"');
      }
    }
    List<String> layers = manifest.layers().stream().map(layer -> '"' + path(layer) + '"').toList();
    return "{\"Config\":\""
        + path(manifest.config())
        + "\",\"RepoTags\":["
        + String.join(",", tags)
        + "],\"Layers\":["
        + String.join(",", layers)
        + "]}";
  }

  private static String untangled(Reference name) {
    return new Reference(name.registry(), name.repository(), name.tag(), Optional.empty())
        .familiar();
  }

  private void blob(Descriptor blob) throws IOException {
    if (written.add(blob.digest())) {
      try (InputStream in = Files.newInputStream(store.blobs().path(blob.digest()))) {
        sink.file(path(blob), blob.size(), in);
      }
    }
  }

  private static String path(Descriptor blob) {
    return "blobs/sha256/" + blob.digest().hex();
  }

  private void text(String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sink.file(name, bytes.length, new ByteArrayInputStream(bytes));
  }
}
