package dev.msb.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// The images of one user, in one directory, shared by all processes of that user:
///
/// ```
/// names/HEX            what a name stands for
/// blobs/sha256/HEX     manifests, configurations, layers
/// partial/HEX          a layer on its way; the next pull goes on from there
/// roots/HEX.squashfs   a root disk, named after its layers and shared by all images that have them
/// work/                root disks on their way
/// ```
///
/// Something has its name only when it is whole, so a process may be killed at any time. Safe for
/// use by several threads.
public final class ImageStore {
  /// Part of a root's name. To be raised when other bytes are made from the same layers.
  private static final String ROOT_FORMAT = "msb-root-2";

  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /// More do not come faster from one registry.
  private static final int PARALLEL_LAYERS = 4;

  private final Path directory;
  private final BlobStore blobs;
  private final NameTable names;

  /// What [#prune] removed.
  ///
  /// @param images names of images
  /// @param bytes of disk that are free now
  public record Pruned(List<Reference> images, long bytes) {}

  /// Tells which root disks sandboxes use. Asked while nothing can be added.
  @FunctionalInterface
  public interface RootsInUse {
    /// The root disks.
    Set<Path> find() throws IOException;
  }

  /// Keeps what is in use from being removed, until it is closed.
  public interface Use extends AutoCloseable {
    @Override
    void close();
  }

  /// The store in this directory, which need not exist yet.
  public ImageStore(Path directory) {
    this.directory = directory;
    this.blobs = new BlobStore(directory);
    this.names = new NameTable(directory.resolve("names"));
  }

  /// Nothing is removed from the store while this is open. Waits for a removal that is under way.
  ///
  /// @throws ImageException if the store cannot be made
  public Use use() throws ImageException {
    FileLocks.Held held = locked(false);
    return held::close;
  }

  /// The image of this name, if it is here.
  ///
  /// @throws ImageException if the store is damaged
  public Optional<Image> find(Reference name) throws ImageException {
    FileLocks.Held held = locked(false);
    try (held) {
      Optional<NameTable.Entry> entry = names.find(name);
      return entry.isEmpty() ? Optional.empty() : Optional.of(image(entry.get()));
    } catch (IOException e) {
      throw wrap("cannot read the images", e);
    }
  }

  /// All images, by name.
  ///
  /// @throws ImageException if the store is damaged
  public List<Image> list() throws ImageException {
    FileLocks.Held held = locked(false);
    try (held) {
      List<Image> images = new ArrayList<>();
      for (NameTable.Entry entry : names.all()) {
        images.add(image(entry));
      }
      return images;
    } catch (IOException e) {
      throw wrap("cannot read the images", e);
    }
  }

  /// Gets an image from its registry, and makes its root disk. What is here already is not got
  /// again; what a pull before left unfinished is gone on with.
  ///
  /// @throws ImageException if it cannot be had; the image of this name that is here, if there is
  ///   one, stays. Of an image that is refused, for what it declares or what is in it, nothing is
  ///   kept
  public Image pull(
      Reference name,
      Registry registry,
      Platform platform,
      ImageLimits limits,
      ImageListener listener)
      throws ImageException, InterruptedException {
    Set<Digest> got = new HashSet<>(); // what goes again if it is refused
    FileLocks.Held held = locked(false);
    try (held) {
      RemoteImage remote = registry.image(name, platform);
      Set<Digest> missing = missing(remote.manifest());
      got.addAll(missing);
      limits.check(remote.manifest());
      got.clear();
      listener.found(name, remote.manifest());
      needRoom(remote.manifest());
      pullLayers(name, registry, remote.manifest(), listener);
      got.addAll(missing);
      got.add(blobs.put(remote.configBytes()));
      got.add(blobs.put(remote.manifestBytes()));
      return add(name, remote.digest(), remote.descriptor(), limits, listener);
    } catch (ImageException e) {
      drop(got);
      throw e;
    } catch (IOException e) {
      throw wrap("cannot keep " + name.familiar(), e);
    }
  }

  /// The image of a name, from here or from its registry, as the policy says.
  ///
  /// @throws ImageException if it cannot be had
  public Image get(
      Reference name,
      PullPolicy policy,
      Registry registry,
      Platform platform,
      ImageLimits limits,
      ImageListener listener)
      throws ImageException, InterruptedException {
    Optional<Image> here = find(name);
    if (here.isPresent() && hasRoot(here.get(), limits, listener)) {
      if (policy != PullPolicy.ALWAYS || registry.digest(name).equals(here.get().source())) {
        return here.get();
      }
    } else if (policy == PullPolicy.NEVER) {
      throw new ImageException(
          "there is no image " + name.familiar() + " here, and it is not to be pulled");
    }
    return pull(name, registry, platform, limits, listener);
  }

  /// Whether an image has its root disk; one of an older format is made anew of the layers.
  private boolean hasRoot(Image image, ImageLimits limits, BuildListener listener)
      throws ImageException, InterruptedException {
    FileLocks.Held held = locked(false);
    try (held) {
      if (image.manifest().layers().stream().allMatch(l -> Files.exists(blobs.path(l.digest())))) {
        makeRoot(image, limits, listener);
      }
      return Files.exists(image.root());
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw wrap("cannot make the root disk of " + image.name().familiar(), e);
    }
  }

  private Set<Digest> missing(Manifest manifest) {
    Set<Digest> missing = new HashSet<>();
    for (Descriptor layer : manifest.layers()) {
      if (!blobs.has(layer.digest())) {
        missing.add(layer.digest());
      }
    }
    return missing;
  }

  private void needRoom(Manifest manifest) throws IOException {
    long bytes = 0;
    for (Descriptor layer : new HashSet<>(manifest.layers())) {
      bytes += blobs.missing(layer);
    }
    new DiskRoom(directory).need("what is to be fetched", bytes);
  }

  /// Removes blobs of an image that was refused, unless others need them. While somebody else uses
  /// the store they stay, for [#prune].
  void drop(Set<Digest> digests) {
    if (digests.isEmpty()) {
      return;
    }
    try {
      FileLocks.Held held = FileLocks.tryExclusive(directory.resolve("lock"));
      if (held == null) {
        return;
      }
      try (held) {
        digests.removeAll(wanted(new HashSet<>()));
        for (Digest digest : digests) {
          blobs.remove(digest);
        }
      }
    } catch (IOException e) {
      // why it was refused is what matters
    }
  }

  private void pullLayers(
      Reference name, Registry registry, Manifest manifest, ProgressListener listener)
      throws IOException, InterruptedException {
    Semaphore turns = new Semaphore(PARALLEL_LAYERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> layers = new ArrayList<>();
      for (Descriptor layer : new HashSet<>(manifest.layers())) {
        layers.add(
            threads.submit(() -> {
              turns.acquire();
              try {
                blobs.fetch(layer.digest(), file -> registry.download(name, layer, file, listener));
                listener.progress(layer, layer.size());
              } finally {
                turns.release();
              }
              return null;
            }));
      }
      try {
        for (Future<Void> layer : layers) {
          layer.get();
        }
      } catch (ExecutionException e) {
        threads.shutdownNow(); // the others can be gone on with
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw new ImageException("cannot pull " + name.familiar() + ": " + e.getCause(), e);
      } catch (InterruptedException e) {
        threads.shutdownNow();
        throw e;
      }
    }
  }

  /// Gives a name to a manifest whose blobs are all here, and makes the root disk.
  Image add(
      Reference name,
      Digest source,
      Descriptor descriptor,
      ImageLimits limits,
      BuildListener listener)
      throws IOException, InterruptedException {
    Image image = prepare(name, source, descriptor, limits, listener);
    keep(image);
    return image;
  }

  /// The same, but for the name: the image is here when [#keep] gave it that.
  Image prepare(
      Reference name,
      Digest source,
      Descriptor descriptor,
      ImageLimits limits,
      BuildListener listener)
      throws IOException, InterruptedException {
    Image image = image(new NameTable.Entry(name, source, descriptor, Instant.now()));
    image.config().check();
    makeRoot(image, limits, listener);
    return image;
  }

  /// Gives an image that was prepared its name.
  void keep(Image image) throws IOException {
    names.put(new NameTable.Entry(image.name(), image.source(), image.descriptor(), image.added()));
  }

  private void makeRoot(Image image, ImageLimits limits, BuildListener listener)
      throws IOException, InterruptedException {
    if (Files.exists(image.root())) {
      return;
    }
    List<Descriptor> descriptors = image.manifest().layers();
    List<Digest> diffIds = image.config().diffIds();
    if (descriptors.size() != diffIds.size()) {
      throw new ImageException(
          image.name().familiar()
              + " is damaged: its manifest has "
              + descriptors.size()
              + " layers, its configuration "
              + diffIds.size());
    }
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < descriptors.size(); i++) {
      layers.add(new Layer(blobs.path(descriptors.get(i).digest()), Optional.of(diffIds.get(i))));
    }
    String file = String.valueOf(image.root().getFileName());
    FileLocks.Held held = FileLocks.exclusive(directory.resolve("work").resolve(file));
    try (held) {
      if (!Files.exists(image.root())) {
        try (WorkDirectory work = new WorkDirectory(directory.resolve("work"))) {
          RootImage.build(layers, work.path(), image.root(), limits, listener);
        }
      }
    }
  }

  /// Makes a root disk of one tar, compressed or not, that is no layer but a whole root.
  ///
  /// @return the disk, in the store
  /// @throws ImageException if it cannot be made
  public Path rootOfTar(Path tar, ImageLimits limits, BuildListener listener)
      throws ImageException, InterruptedException {
    FileLocks.Held held = locked(false);
    try (held) {
      Path root = root("tar " + BlobStore.digest(tar));
      if (!Files.exists(root)) {
        try (WorkDirectory work = new WorkDirectory(directory.resolve("work"))) {
          RootImage.fromTar(tar, work.path(), root, limits, listener);
        }
      }
      return root;
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw wrap("cannot use " + tar, e);
    }
  }

  /// Makes a root disk of a directory, for one sandbox.
  ///
  /// @throws ImageException if it cannot be made
  public void rootOfDirectory(Path tree, Path out, ImageLimits limits, BuildListener listener)
      throws ImageException, InterruptedException {
    FileLocks.Held held = locked(false);
    try (held;
        WorkDirectory work = new WorkDirectory(directory.resolve("work"))) {
      RootImage.fromDirectory(tree, work.path(), out, limits, listener);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw wrap("cannot use " + tree, e);
    }
  }

  /// Takes a name away. The image's bytes stay until [#prune], or go at once if no other image and
  /// no sandbox has them.
  ///
  /// @param rootsInUse tells the root disks of sandboxes, which stay
  /// @return whether there was one of this name
  /// @throws ImageException if it cannot be removed
  public boolean remove(Reference name, RootsInUse rootsInUse) throws ImageException {
    FileLocks.Held held = locked(true);
    try (held) {
      boolean removed = names.remove(name);
      if (removed) {
        sweep(rootsInUse.find());
      }
      return removed;
    } catch (IOException e) {
      throw wrap("cannot remove " + name.familiar(), e);
    }
  }

  /// Removes what is of no use: blobs and roots that no image has, what broken pulls left; with
  /// `all`, also each image that no sandbox uses. Waits for pulls that are under way.
  ///
  /// @param rootsInUse tells the root disks of sandboxes, which stay
  /// @throws ImageException if something cannot be removed
  public Pruned prune(boolean all, RootsInUse rootsInUse) throws ImageException {
    FileLocks.Held held = locked(true);
    try (held) {
      Set<Path> used = rootsInUse.find();
      List<Reference> removed = new ArrayList<>();
      if (all) {
        for (NameTable.Entry entry : names.all()) {
          if (!used.contains(image(entry).root())) {
            names.remove(entry.name());
            removed.add(entry.name());
          }
        }
      }
      return new Pruned(removed, sweep(used));
    } catch (IOException e) {
      throw wrap("cannot remove images", e);
    }
  }

  private long sweep(Set<Path> rootsInUse) throws IOException {
    Set<String> roots = new HashSet<>();
    rootsInUse.forEach(root -> roots.add(String.valueOf(root.getFileName())));
    Set<Digest> wanted = wanted(roots);
    names.tidy();
    return blobs.retain(wanted)
        + BlobStore.removeFiles(directory.resolve("roots"), roots)
        + WorkDirectory.removeAll(directory.resolve("work"));
  }

  /// The blobs that images need.
  ///
  /// @param roots takes the names of their root disks
  private Set<Digest> wanted(Set<String> roots) throws IOException {
    Set<Digest> wanted = new HashSet<>();
    for (NameTable.Entry entry : names.all()) {
      Image image = image(entry);
      wanted.add(image.descriptor().digest());
      wanted.add(image.manifest().config().digest());
      image.manifest().layers().forEach(layer -> wanted.add(layer.digest()));
      roots.add(String.valueOf(image.root().getFileName()));
    }
    return wanted;
  }

  BlobStore blobs() {
    return blobs;
  }

  /// A directory for the time of one piece of work.
  WorkDirectory work() throws IOException {
    return new WorkDirectory(directory.resolve("work"));
  }

  FileLocks.Held locked(boolean exclusively) throws ImageException {
    try {
      Files.createDirectories(directory, PRIVATE);
      blobs.make();
      names.make();
      Files.createDirectories(directory.resolve("roots"));
      Files.createDirectories(directory.resolve("work"));
      Path lock = directory.resolve("lock");
      return exclusively ? FileLocks.exclusive(lock) : FileLocks.shared(lock);
    } catch (IOException e) {
      throw wrap("cannot use the images in " + directory, e);
    }
  }

  private Image image(NameTable.Entry entry) throws IOException {
    try {
      return read(entry);
    } catch (IOException e) {
      throw new ImageException(
          "image " + entry.name().familiar() + ": " + wrap("cannot be read", e).getMessage(), e);
    }
  }

  private Image read(NameTable.Entry entry) throws IOException {
    Manifest manifest = Manifest.parse(blobs.read(entry.manifest()));
    ImageConfig config = ImageConfig.parse(blobs.read(manifest.config()));
    StringBuilder layers = new StringBuilder("layers");
    config.diffIds().forEach(digest -> layers.append(' ').append(digest));
    return new Image(
        entry.name(),
        entry.source(),
        entry.manifest(),
        manifest,
        config,
        root(layers.toString()),
        entry.added());
  }

  private Path root(String contents) {
    byte[] key = (ROOT_FORMAT + " " + contents).getBytes(StandardCharsets.UTF_8);
    return directory.resolve("roots").resolve(Digest.of(key).hex() + ".squashfs");
  }

  static ImageException wrap(String what, IOException e) {
    if (e instanceof ImageException already) {
      return already;
    }
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    if (e instanceof java.nio.file.FileSystemException file && file.getReason() != null) {
      why = file.getReason() + ": " + file.getFile();
    }
    return new ImageException(what + ": " + why, e);
  }
}
