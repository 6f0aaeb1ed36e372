package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private final Set<Digest> added; // to the store

  private ImageArchive(
      ImageStore store,
      ArchiveFiles files,
      Optional<Reference> givenName,
      String fileName,
      Platform platform,
      ImageLimits limits,
      BuildListener listener,
      Set<Digest> added) {
    this.store = store;
    this.files = files;
    this.givenName = givenName;
    this.fileName = fileName;
    this.platform = platform;
    this.limits = limits;
    this.listener = listener;
    this.added = added;
  }

  /// Puts all images of an archive into a store, under their names; or none, if one is damaged.
  ///
  /// @param archive a tar, compressed or not, or a directory
  /// @param name what the only image is to be called; without it the archive says, or the name of
  ///   the archive itself
  /// @return the images, in the archive's order
  /// @throws ImageException if it is no such archive or is damaged; of several images the one that
  ///   is damaged is named. The store has the images that it had
  public static List<Image> load(
      ImageStore store,
      Path archive,
      Optional<Reference> name,
      Platform platform,
      ImageLimits limits,
      BuildListener listener)
      throws ImageException, InterruptedException {
    Set<Digest> added = new HashSet<>();
    FileLocks.Held held = store.locked(false);
    try (held;
        WorkDirectory work = store.work()) {
      ArchiveFiles files = ArchiveFiles.open(archive, work.path(), limits);
      String file = String.valueOf(archive.toAbsolutePath().normalize().getFileName());
      List<Image> images =
          new ImageArchive(store, files, name, file, platform, limits, listener, added).load();
      for (Image image : images) {
        store.keep(image);
      }
      return images;
    } catch (IOException e) {
      store.drop(added);
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
    Map<String, List<Descriptor>> named = new LinkedHashMap<>();
    List<Descriptor> unnamed = new ArrayList<>();
    for (Descriptor descriptor : index.manifests()) {
      String annotation = annotation(descriptor);
      if (annotation != null) {
        named.computeIfAbsent(annotation, name -> new ArrayList<>()).add(descriptor);
      } else {
        unnamed.add(descriptor);
      }
    }
    if (named.isEmpty() && !unnamed.isEmpty()) {
      named.put("latest", unnamed);
    }
    if (named.isEmpty()) {
      throw new ImageException("there is no image in it");
    }
    checkNames(named.size());
    List<Image> images = new ArrayList<>();
    for (Map.Entry<String, List<Descriptor>> each : named.entrySet()) {
      Reference name = nameFrom(each.getKey());
      try {
        // Of several with one name each is for another platform.
        List<Descriptor> all = each.getValue();
        ImageIndex choice = new ImageIndex(index.mediaType(), all);
        images.add(loadManifest(name, all.size() == 1 ? all.getFirst() : choice.select(platform)));
      } catch (IOException e) {
        throw named(name, named.size(), ImageStore.wrap("cannot keep it", e));
      }
    }
    return images;
  }

  /// Says which one of several images it is about.
  private static ImageException named(Reference name, int images, ImageException e) {
    return images == 1
        ? e
        : new ImageException(
            name.familiar()
                + ", one of "
                + images
                + " images in it, of which none is taken: "
                + e.getMessage(),
            e);
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
          byte[] config = blob(manifest.config(), "the configuration");
          platform.check(ImageConfig.parse(config).platform());
          put(config);
          for (Descriptor layer : manifest.layers()) {
            boolean isNew = !store.blobs().has(layer.digest());
            store.blobs().copyIn(file(layer.digest()), layer.digest(), "a layer");
            if (isNew) {
              added.add(layer.digest());
            }
          }
          put(bytes);
          Descriptor descriptor = new Descriptor(manifest.mediaType(), at.digest(), bytes.length);
          return store.prepare(name, top.digest(), descriptor, limits, listener);
        }
      }
    }
  }

  private Digest put(byte[] bytes) throws IOException {
    boolean isNew = !store.blobs().has(Digest.of(bytes));
    Digest digest = store.blobs().put(bytes);
    if (isNew) {
      added.add(digest);
    }
    return digest;
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
      List<Reference> names = names(item);
      try {
        images.addAll(loadDocker(item, names));
      } catch (IOException e) {
        throw named(names.getFirst(), items.size(), ImageStore.wrap("cannot keep it", e));
      }
    }
    return images;
  }

  private List<Image> loadDocker(JsonObject item, List<Reference> names)
      throws IOException, InterruptedException {
    String configName = item.string("Config").orElseThrow(() -> item.lacks("Config"));
    byte[] config = files.read(configName, ImageConfig.LARGEST_BYTES);
    platform.check(ImageConfig.parse(config).platform());
    put(config);
    StringBuilder layers = new StringBuilder();
    for (String layer : item.strings("Layers")) {
      Path file = files.find(layer);
      if (file == null) {
        throw new ImageException("the archive lacks the layer " + OneLine.of(layer, 120));
      }
      Digest digest = BlobStore.digest(file);
      boolean isNew = !store.blobs().has(digest);
      store.blobs().copyIn(file, digest, "a layer");
      if (isNew) {
        added.add(digest);
      }
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
    Descriptor descriptor = new Descriptor(MediaTypes.OCI_MANIFEST, put(bytes), bytes.length);
    List<Image> images = new ArrayList<>();
    for (Reference name : names) {
      images.add(store.prepare(name, descriptor.digest(), descriptor, limits, listener));
    }
    return images;
  }

  private List<Reference> names(JsonObject item) throws ImageException {
    List<String> tags = item.strings("RepoTags");
    List<Reference> names = new ArrayList<>();
    if (givenName.isPresent() || tags.isEmpty()) {
      names.add(givenName.isPresent() ? givenName.get() : nameFrom("latest"));
    } else {
      for (String tag : tags) {
        names.add(nameFrom(tag));
      }
    }
    return names;
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
