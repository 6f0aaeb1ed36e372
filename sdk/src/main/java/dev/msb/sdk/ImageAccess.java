package dev.msb.sdk;

import dev.msb.home.MsbHome;
import dev.msb.image.CredentialSource;
import dev.msb.image.ImageException;
import dev.msb.image.ImageSettings;
import dev.msb.image.ImageStore;
import dev.msb.image.Registry;
import java.io.IOException;

/// Where a user's images are, and how registries are asked for more.
record ImageAccess(MsbHome home) {
  /// Of the home that the environment names, which is made if it is not there.
  static ImageAccess ofUser() throws SandboxException {
    MsbHome home = MsbHome.ofEnvironment();
    try {
      home.make();
    } catch (IOException e) {
      throw SandboxException.of("cannot use " + home.path(), e);
    }
    return new ImageAccess(home);
  }

  ImageStore store() {
    return new ImageStore(home.images());
  }

  ImageSettings settings() throws ImageException {
    return ImageSettings.read(home.imageSettings());
  }

  /// A client of registries, with the user's credentials.
  ///
  /// @param settings are changed as `access` says
  /// @param registry the one that it is for
  Registry registry(ImageSettings settings, RegistryAccess access, String registry)
      throws ImageException {
    access.applyTo(settings.registries(), registry);
    return new Registry(settings.registries().build(), CredentialSource.ofUser(home.logins()));
  }
}
