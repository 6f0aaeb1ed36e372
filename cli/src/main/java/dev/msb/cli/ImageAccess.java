package dev.msb.cli;

import dev.msb.home.MsbHome;
import dev.msb.image.CredentialSource;
import dev.msb.image.ImageException;
import dev.msb.image.ImageSettings;
import dev.msb.image.ImageStore;
import dev.msb.image.Reference;
import dev.msb.image.RegistryOptions;
import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What the commands about images have in common: where images are, and how registries are reached.
final class ImageAccess {
  /// The options of commands that may ask a registry.
  static final List<Option> REGISTRY_OPTIONS =
      List.of(
          Option.flag("insecure", '\0', "take any certificate of the registry, or plain http"),
          Option.value("ca", '\0', "FILE", "trust the certificates in this PEM file, too"));

  /// Something with images that may fail.
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private ImageAccess() {}

  static MsbHome home() throws SandboxException {
    MsbHome home = MsbHome.ofEnvironment();
    try {
      home.make();
    } catch (IOException e) {
      throw SandboxException.of("cannot use " + home.path(), e);
    }
    return home;
  }

  static ImageStore store(MsbHome home) {
    return new ImageStore(home.images());
  }

  static CredentialSource credentials(MsbHome home) {
    return CredentialSource.ofUser(home.logins());
  }

  static ImageSettings settings(MsbHome home) throws ImageException {
    return ImageSettings.read(home.imageSettings());
  }

  /// What the options say, over the settings.
  ///
  /// @param registry that `--insecure` is about
  static void apply(Arguments arguments, String registry, RegistryOptions.Builder registries) {
    if (arguments.has("insecure")) {
      registries.insecure(registry);
    }
    String ca = arguments.value("ca");
    if (ca != null) {
      registries.caFile(Path.of(ca));
    }
  }

  static Reference reference(String text) throws UsageException {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  static List<Reference> references(List<String> words) throws UsageException {
    List<Reference> names = new ArrayList<>();
    for (String word : words) {
      names.add(reference(word));
    }
    return names;
  }

  /// Runs something, and says in one line what fails.
  static <T> T run(String attempt, Work<T> work) throws SandboxException {
    try {
      return work.run();
    } catch (IOException e) {
      throw SandboxException.of(attempt, e);
    } catch (InterruptedException e) {
      throw new SandboxException(attempt + ": interrupted", e);
    }
  }
}
