package dev.msb.sdk;

import dev.msb.image.Image;
import dev.msb.image.ImageArchive;
import dev.msb.image.ImageArchiveWriter;
import dev.msb.image.ImageSettings;
import dev.msb.image.ImageStore;
import dev.msb.image.Platform;
import dev.msb.image.Reference;
import dev.msb.image.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The user's images, from which sandboxes are made. They are in msb's home: the system property
/// `msb.home`, else `$MSB_HOME`, else `~/.msb`.
///
/// An image is named as Docker names it: `alpine`, `python:3.12`,
/// `localhost:5000/team/app@sha256:...`. All methods block, and may be called from any thread, in
/// several programs at once. An image is here as a whole or not at all, also when a program is
/// killed in between. Whatever fails is a [SandboxException] whose message names the image; a name
/// that is none is an [IllegalArgumentException].
public final class Images {
  private Images() {}

  /// The outcome of [#prune].
  ///
  /// @param images the names of the images that were removed
  /// @param bytes of disk that were freed
  public record Pruned(List<String> images, long bytes) {
    /// Copies the list.
    public Pruned {
      images = List.copyOf(images);
    }
  }

  /// The name of an image as people write it, with its tag or digest: `alpine:latest` for
  /// `docker.io/library/alpine`. This is what [ImageInfo#name] has.
  ///
  /// @throws IllegalArgumentException if that is no name of an image; the message says why
  public static String nameOf(String text) {
    return Reference.parse(text).familiar();
  }

  /// All images, by name.
  ///
  /// @throws SandboxException if they cannot be read
  public static List<ImageInfo> list() throws SandboxException {
    ImageAccess access = ImageAccess.ofUser();
    try {
      return infos(access.store().list());
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// The image of this name, if it is here.
  ///
  /// @throws SandboxException if it cannot be read
  public static Optional<ImageInfo> find(String name) throws SandboxException {
    Reference reference = Reference.parse(name);
    ImageAccess access = ImageAccess.ofUser();
    try {
      return access.store().find(reference).map(ImageInfo::of);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /// Gets an image from its registry as the user's settings say.
  ///
  /// @throws SandboxException if it cannot be had; an image of this name that is here stays
  /// @throws InterruptedException when interrupted; the next pull goes on from what was fetched
  public static ImageInfo pull(String name) throws SandboxException, InterruptedException {
    return pull(name, RegistryAccess.defaults(), ImageProgress.NONE);
  }

  /// Gets an image from its registry, for this machine's platform, and makes its root disk. Layers
  /// that are here already are not fetched again. A registry that fails but may recover is asked
  /// again, see [RegistryAccess]. Credentials are those of [RegistryLogins], then Docker's.
  ///
  /// @throws SandboxException if it cannot be had; an image of this name that is here stays
  /// @throws InterruptedException when interrupted; the next pull goes on from what was fetched
  public static ImageInfo pull(String name, RegistryAccess registries, ImageProgress progress)
      throws SandboxException, InterruptedException {
    Reference reference = Reference.parse(name);
    ImageAccess access = ImageAccess.ofUser();
    try {
      ImageSettings settings = access.settings();
      try (Registry registry = access.registry(settings, registries, reference.registry())) {
        return ImageInfo.of(
            access
                .store()
                .pull(
                    reference,
                    registry,
                    Platform.host(),
                    settings.limits(),
                    new ImageProgressFeed(progress)));
      }
    } catch (IOException e) {
      throw SandboxException.of("cannot pull " + reference.familiar(), e);
    }
  }

  /// Takes the images of an archive under the names that it gives them; none, if one is damaged.
  ///
  /// @param archive an OCI layout or what `docker save` makes: a tar, compressed or not, or a
  ///   directory
  /// @param name what its only image is to be called; if null, what the archive calls it, or what
  ///   the archive's file is called
  /// @return the images, in the archive's order
  /// @throws SandboxException if it is no such archive, or is damaged
  /// @throws InterruptedException when interrupted; no image has come in then
  public static List<ImageInfo> load(Path archive, @Nullable String name, ImageProgress progress)
      throws SandboxException, InterruptedException {
    Optional<Reference> reference = Optional.ofNullable(name).map(Reference::parse);
    ImageAccess access = ImageAccess.ofUser();
    if (!Files.exists(archive)) {
      throw new SandboxException("there is no archive " + archive);
    }
    try {
      return load(access, archive, reference, progress);
    } catch (IOException e) {
      throw SandboxException.of("cannot load " + archive, e);
    }
  }

  /// The same for a tar that is read to its end, into a file in msb's home that is removed again.
  ///
  /// @param archive stays open
  /// @throws SandboxException if it is no such archive, is damaged, or cannot be read
  /// @throws InterruptedException when interrupted; no image has come in then. What comes from the
  ///   stream is not interrupted
  public static List<ImageInfo> load(
      InputStream archive, @Nullable String name, ImageProgress progress)
      throws SandboxException, InterruptedException {
    Optional<Reference> reference = Optional.ofNullable(name).map(Reference::parse);
    ImageAccess access = ImageAccess.ofUser();
    try {
      Path copy = Files.createTempFile(access.home().path(), "load-", ".tar");
      try {
        Files.copy(archive, copy, StandardCopyOption.REPLACE_EXISTING);
        return load(access, copy, reference, progress);
      } finally {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw SandboxException.of("cannot load the archive", e);
    }
  }

  private static List<ImageInfo> load(
      ImageAccess access, Path archive, Optional<Reference> name, ImageProgress progress)
      throws IOException, InterruptedException {
    return infos(
        ImageArchive.load(
            access.store(),
            archive,
            name,
            Platform.host(),
            access.settings().limits(),
            new ImageProgressFeed(progress)));
  }

  /// Writes images to a tar that is an OCI layout and that `docker load` reads.
  ///
  /// @param out stays open
  /// @throws SandboxException if one of them is not here, or the tar cannot be written
  public static void save(List<String> names, OutputStream out) throws SandboxException {
    ImageStore store = ImageAccess.ofUser().store();
    List<Image> images = found(store, names);
    try {
      ImageArchiveWriter.save(store, images, out);
    } catch (IOException e) {
      throw SandboxException.of("cannot write the archive", e);
    }
  }

  /// Writes images to a tar file, which is there only when it is whole; or, if there is a directory
  /// of that name, as an OCI layout into it.
  ///
  /// @param out a file, or a directory that is empty
  /// @throws SandboxException if one of them is not here, or it cannot be written
  public static void save(List<String> names, Path out) throws SandboxException {
    ImageStore store = ImageAccess.ofUser().store();
    List<Image> images = found(store, names);
    try {
      ImageArchiveWriter.save(store, images, out);
    } catch (IOException e) {
      throw SandboxException.of("cannot write " + out, e);
    }
  }

  /// Removes a name, and the image with it if nothing else needs it. Sandboxes keep their root
  /// disks. Waits for pulls that are under way.
  ///
  /// @return whether there was an image of this name
  /// @throws SandboxException if it cannot be removed
  public static boolean remove(String name) throws SandboxException {
    Reference reference = Reference.parse(name);
    ImageAccess access = ImageAccess.ofUser();
    try {
      return access.store().remove(reference, access.home()::rootDisksInUse);
    } catch (IOException e) {
      throw SandboxException.of("cannot remove " + reference.familiar(), e);
    }
  }

  /// Removes files that no image and no sandbox needs, and what broken pulls have left. Waits for
  /// pulls that are under way.
  ///
  /// @param unused also removes each image that no sandbox uses
  /// @throws SandboxException if something cannot be removed
  public static Pruned prune(boolean unused) throws SandboxException {
    ImageAccess access = ImageAccess.ofUser();
    try {
      ImageStore.Pruned pruned = access.store().prune(unused, access.home()::rootDisksInUse);
      return new Pruned(pruned.images().stream().map(Reference::familiar).toList(), pruned.bytes());
    } catch (IOException e) {
      throw SandboxException.of("cannot remove images", e);
    }
  }

  private static List<Image> found(ImageStore store, List<String> names) throws SandboxException {
    List<Reference> references = names.stream().map(Reference::parse).toList();
    List<Image> images = new ArrayList<>();
    for (Reference name : references) {
      try {
        images.add(
            store
                .find(name)
                .orElseThrow(
                    () -> new SandboxException("there is no image " + name.familiar() + " here")));
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
    return images;
  }

  private static List<ImageInfo> infos(List<Image> images) {
    return images.stream().map(ImageInfo::of).toList();
  }

  private static SandboxException unreadable(IOException e) {
    return SandboxException.of("cannot read the images", e);
  }
}
