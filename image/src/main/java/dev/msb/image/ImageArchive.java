package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Images from a file or a directory: an OCI layout, or what `docker save` makes. Hostile input, as
/// a registry's is.
public final class ImageArchive {
  private static final int DEEPEST_INDEX = 3;
  private static final int LARGEST_JSON_BYTES = ImageDocument.LARGEST_BYTES;

  /// What images are called in an OCI layout: a tag alone by the standard, all of the name by some.
  private static final List<String> NAME_ANNOTATIONS =
      List.of("io.containerd.image.name", "org.opencontainers.image.ref.name");

  private final ImageStore store;
  private final ArchiveFiles files;
  private final Optional<Reference> givenName;
  private final String fileName;
  private final Platform platform;
  private final ImageLimits limits;
  private final BuildListener listener;

  private ImageArchive(
      ImageStore store,
      ArchiveFiles files,
      Optional<Reference> givenName,
      String fileName,
      Platform platform,
      ImageLimits limits,
      BuildListener listener) {
    this.store = store;
    this.files = files;
    this.givenName = givenName;
    this.fileName = fileName;
    this.platform = platform;
    this.limits = limits;
    this.listener = listener;
  }

  /// Puts all images of an archive into a store, under their names.
  ///
  /// @param archive a tar, compressed or not, or a directory
  /// @param name what the only image is to be called; without it the archive says, or the name of
  ///   the archive itself
  /// @return the images, in the archive's order
  /// @throws ImageException if it is no such archive or is damaged; images before the damage are
  ///   loaded
  public static List<Image> load(
      ImageStore store,
      Path archive,
      Optional<Reference> name,
      Platform platform,
      ImageLimits limits,
      BuildListener listener)
      throws ImageException, InterruptedException {
    FileLocks.Held held = store.locked(false);
    try (held;
        WorkDirectory work = store.work()) {
      ArchiveFiles files = ArchiveFiles.open(archive, work.path(), limits);
      String file = String.valueOf(archive.toAbsolutePath().normalize().getFileName());
      return new ImageArchive(store, files, name, file, platform, limits, listener).load();
    } catch (IOException e) {
      throw ImageStore.wrap("cannot load " + archive, e);
    }
  }

  private List<Image> load() throws IOException, InterruptedException {
    if (files.find("oci-layout") != null && files.find("index.json") != null) {
      return loadLayout();
    }
    if (files.find("manifest.json") != null) {
      return loadDocker();
    }
    throw new ImageException(
        "it is neither an OCI layout nor made by docker save"
            + " (a root file system is used as it is: msb create ./FILE)");
  }

  // OCI.

  private List<Image> loadLayout() throws IOException, InterruptedException {
    ImageIndex index = ImageIndex.parse(files.read("index.json", LARGEST_JSON_BYTES));
    Map<Reference, Descriptor> named = new LinkedHashMap<>();
    List<Descriptor> unnamed = new ArrayList<>();
    for (Descriptor descriptor : index.manifests()) {
      String annotation = annotation(descriptor);
      if (annotation != null) {
        named.put(nameFrom(annotation), descriptor);
      } else {
        unnamed.add(descriptor);
      }
    }
    if (named.isEmpty() && !unnamed.isEmpty()) {
      named.put(
          nameFrom("latest"), unnamed.size() == 1 ? unnamed.getFirst() : index.select(platform));
    }
    if (named.isEmpty()) {
      throw new ImageException("there is no image in it");
    }
    checkNames(named.size());
    List<Image> images = new ArrayList<>();
    for (Map.Entry<Reference, Descriptor> each : named.entrySet()) {
      images.add(loadManifest(givenName.orElse(each.getKey()), each.getValue()));
    }
    return images;
  }

  private static @Nullable String annotation(Descriptor descriptor) {
    for (String annotation : NAME_ANNOTATIONS) {
      String name = descriptor.annotations().get(annotation);
      if (name != null && !name.isEmpty()) {
        return name;
      }
    }
    return null;
  }

  private Image loadManifest(Reference name, Descriptor top)
      throws IOException, InterruptedException {
    Descriptor at = top;
    for (int depth = 0; ; depth++) {
      byte[] bytes = blob(at, "the manifest");
      switch (ImageDocument.parse(bytes)) {
        case ImageIndex index -> {
          if (depth == DEEPEST_INDEX) {
            throw new ImageException("it is an index of indexes without end");
          }
          at = index.select(platform);
        }
        case Manifest manifest -> {
          store.blobs().put(blob(manifest.config(), "the configuration"));
          for (Descriptor layer : manifest.layers()) {
            store.blobs().copyIn(file(layer.digest()), layer.digest(), "a layer");
          }
          store.blobs().put(bytes);
          Descriptor descriptor = new Descriptor(manifest.mediaType(), at.digest(), bytes.length);
          return store.add(name, top.digest(), descriptor, limits, listener);
        }
      }
    }
  }

  private byte[] blob(Descriptor descriptor, String what) throws IOException {
    byte[] bytes = files.read(blobName(descriptor.digest()), LARGEST_JSON_BYTES);
    Digest found = Digest.of(bytes);
    if (!found.equals(descriptor.digest())) {
      throw new ImageException(
          what + " is damaged: " + descriptor.digest() + " has the digest " + found);
    }
    return bytes;
  }

  private Path file(Digest digest) throws IOException {
    Path file = files.find(blobName(digest));
    if (file == null) {
      throw new ImageException("the archive lacks the blob " + digest);
    }
    return file;
  }

  private static String blobName(Digest digest) {
    return "blobs/sha256/" + digest.hex();
  }

  // docker save.

  private List<Image> loadDocker() throws IOException, InterruptedException {
    String list =
        new String(files.read("manifest.json", LARGEST_JSON_BYTES), StandardCharsets.UTF_8);
    JsonObject whole =
        JsonObject.parse(
            ("{\"images\":" + list + "}").getBytes(StandardCharsets.UTF_8), "manifest.json");
    List<Image> images = new ArrayList<>();
    List<JsonObject> items = whole.objects("images");
    if (items.isEmpty()) {
      throw new ImageException("there is no image in it");
    }
    checkNames(items.size());
    for (JsonObject item : items) {
      images.addAll(loadDocker(item));
    }
    return images;
  }

  private List<Image> loadDocker(JsonObject item) throws IOException, InterruptedException {
    String configName = item.string("Config").orElseThrow(() -> item.lacks("Config"));
    byte[] config = files.read(configName, ImageConfig.LARGEST_BYTES);
    store.blobs().put(config);
    StringBuilder layers = new StringBuilder();
    for (String layer : item.strings("Layers")) {
      Path file = files.find(layer);
      if (file == null) {
        throw new ImageException("the archive lacks the layer " + OneLine.of(layer, 120));
      }
      Digest digest = store.blobs().copyIn(file);
      layers
          .append(layers.isEmpty() ? "" : ",")
          .append(
              Json.descriptor(
                  new Descriptor(MediaTypes.layer(first(file)), digest, Files.size(file))));
    }
    Descriptor configDescriptor =
        new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length);
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaTypes.OCI_MANIFEST
            + "\",\"config\":"
            + Json.descriptor(configDescriptor)
            + ",\"layers\":["
            + layers
            + "]}";
    byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
    Descriptor descriptor =
        new Descriptor(MediaTypes.OCI_MANIFEST, store.blobs().put(bytes), bytes.length);
    List<String> tags = item.strings("RepoTags");
    List<Reference> names = new ArrayList<>();
    if (givenName.isPresent() || tags.isEmpty()) {
      names.add(givenName.isPresent() ? givenName.get() : nameFrom("latest"));
    } else {
      for (String tag : tags) {
        names.add(nameFrom(tag));
      }
    }
    List<Image> images = new ArrayList<>();
    for (Reference name : names) {
      images.add(store.add(name, descriptor.digest(), descriptor, limits, listener));
    }
    return images;
  }

  private static byte[] first(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(6);
    }
  }

  // Names.

  private void checkNames(int images) throws ImageException {
    if (givenName.isPresent() && images > 1) {
      throw new ImageException("there are " + images + " images in it, so one name is not enough");
    }
  }

  /// A whole name, or a tag of what the archive itself is called.
  private Reference nameFrom(String annotation) throws ImageException {
    if (givenName.isPresent()) {
      return givenName.get();
    }
    try {
      return annotation.indexOf('/') >= 0 || annotation.indexOf(':') >= 0
          ? Reference.parse(annotation)
          : Reference.parse(stem() + ":" + annotation);
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          "it says no name for the image, and neither does that of the file: give it one with --tag",
          e);
    }
  }

  private String stem() {
    return fileName.replaceFirst("(\\.oci)?(\\.tar)?(\\.(gz|zst|xz|bz2|tgz|tzst|txz|tbz2?))?$", "");
  }
}
