package dev.msb.sdk;

import dev.msb.home.SandboxImage;
import dev.msb.image.Image;
import dev.msb.image.ImageException;
import dev.msb.image.ImageListener;
import dev.msb.image.ImageSettings;
import dev.msb.image.Platform;
import dev.msb.image.Reference;
import dev.msb.image.Registry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a sandbox is made from, as a user names it, and what becomes of the name.
sealed interface ImageSource {
  /// The name of the image that is always there.
  String BUILT_IN = "busybox";

  /// What a sandbox needs of an image.
  ///
  /// @param ownRootDisk a file that is to be moved into the sandbox, if the root disk is its alone
  record Resolved(
      SandboxImage image,
      List<String> env,
      String workingDirectory,
      String user,
      @Nullable Path ownRootDisk) {
    private static Resolved plain(String name, Path disk, @Nullable Path own) {
      SandboxImage image =
          new SandboxImage(name, disk.toString(), List.of(), List.of("/bin/sh"), "", List.of());
      return new Resolved(image, List.of(), "", "", own);
    }
  }

  /// How images are got.
  record Access(
      ImageAccess images, PullPolicy policy, RegistryAccess registries, ImageListener listener) {}

  /// Makes the root disk be there.
  ///
  /// @param sandbox where an own root disk will lie
  Resolved resolve(Access access, Path sandbox) throws IOException, InterruptedException;

  /// Reads what a user wrote: a path if it starts with `/` or a dot, else the name of an image.
  ///
  /// @throws IllegalArgumentException if it is neither, or there is nothing at that path
  static ImageSource parse(String text) {
    if (text.equals(BUILT_IN)) {
      return new BuiltIn();
    }
    if (text.startsWith("/") || text.startsWith(".")) {
      Path path = Path.of(text).toAbsolutePath().normalize();
      if (Files.isDirectory(path)) {
        return new Tree(path);
      }
      if (Files.isRegularFile(path)) {
        return new RootFile(path);
      }
      throw new IllegalArgumentException("there is no image file or directory " + text);
    }
    return new Named(Reference.parse(text));
  }

  /// The image that comes with msb.
  record BuiltIn() implements ImageSource {
    @Override
    public Resolved resolve(Access access, Path sandbox) {
      return new Resolved(SandboxImage.BUILT_IN, List.of(), "", "", null);
    }
  }

  /// An image that a registry has, or a load brought.
  record Named(Reference name) implements ImageSource {
    @Override
    public Resolved resolve(Access access, Path sandbox) throws IOException, InterruptedException {
      ImageSettings settings = access.images().settings();
      try (Registry registry =
          access.images().registry(settings, access.registries(), name.registry())) {
        Image image =
            access
                .images()
                .store()
                .get(
                    name,
                    dev.msb.image.PullPolicy.valueOf(access.policy().name()),
                    registry,
                    Platform.host(),
                    settings.limits(),
                    access.listener());
        Platform built = image.config().platform().orElse(Platform.host());
        if (!Platform.host().runs(built)) { // from an archive that an earlier msb took
          throw new ImageException(
              "the image "
                  + name.familiar()
                  + " is for "
                  + built
                  + ", and this machine runs "
                  + Platform.host());
        }
        return new Resolved(
            new SandboxImage(
                image.name().familiar(),
                image.root().toString(),
                image.config().entrypoint(),
                image.config().cmd(),
                image.config().stopSignal(),
                image.config().volumes().stream().sorted().toList()),
            image.config().env(),
            image.config().workingDirectory(),
            image.config().user(),
            null);
      }
    }
  }

  /// A file with a root in it: a squashfs, which is used as it is and must stay, or a tar.
  record RootFile(Path file) implements ImageSource {
    private static final byte[] SQUASHFS = "hsqs".getBytes(StandardCharsets.US_ASCII);

    @Override
    public Resolved resolve(Access access, Path sandbox) throws IOException, InterruptedException {
      try (InputStream in = Files.newInputStream(file)) {
        if (Arrays.equals(in.readNBytes(SQUASHFS.length), SQUASHFS)) {
          return Resolved.plain(file.toString(), file, null);
        }
      }
      ImageAccess images = access.images();
      Path disk = images.store().rootOfTar(file, images.settings().limits(), access.listener());
      return Resolved.plain(file.toString(), disk, null);
    }
  }

  /// A directory that is copied.
  record Tree(Path directory) implements ImageSource {
    @Override
    public Resolved resolve(Access access, Path sandbox) throws IOException, InterruptedException {
      ImageAccess images = access.images();
      Path made = Files.createTempFile(images.home().path(), "root-", ".squashfs");
      boolean whole = false;
      try {
        images
            .store()
            .rootOfDirectory(directory, made, images.settings().limits(), access.listener());
        whole = true;
      } finally {
        if (!whole) {
          Files.deleteIfExists(made);
        }
      }
      return Resolved.plain(directory.toString(), sandbox.resolve("root.squashfs"), made);
    }
  }
}
