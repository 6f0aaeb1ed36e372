package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The format of `auths` that Docker's and our own file share: an object with a member for each
/// registry, `{"auth": BASE64(USER:PASSWORD)}` or `{"identitytoken": TOKEN}`.
final class AuthEntries {
  /// What Docker calls its own registry in such files, and in the requests to helpers.
  static final String DOCKER_KEY = "https://index.docker.io/v1/";

  private static final int LARGEST_FILE_BYTES = 1024 * 1024;

  private AuthEntries() {}

  /// Reads a file; empty if there is none.
  ///
  /// @throws ImageException if it cannot be read or is not JSON
  static Optional<JsonObject> readFile(Path file) throws ImageException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST_FILE_BYTES + 1);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new ImageException("cannot read the credentials in " + file + ": " + reason(e), e);
    }
    if (bytes.length > LARGEST_FILE_BYTES) {
      throw new ImageException(file + " has more than " + LARGEST_FILE_BYTES + " bytes");
    }
    return bytes.length == 0
        ? Optional.empty()
        : Optional.of(JsonObject.parse(bytes, file.toString()));
  }

  /// The credentials of each registry, by the name that [Reference] gives it. The full name of one
  /// goes before an address of one with a path.
  static Map<String, Credentials> read(JsonObject file) throws ImageException {
    Map<String, Credentials> entries = new LinkedHashMap<>();
    Optional<JsonObject> auths = file.object("auths");
    if (auths.isEmpty()) {
      return entries;
    }
    for (String key : auths.get().names()) {
      Optional<String> registry = registry(key);
      Optional<Credentials> credentials = entry(auths.get().object(key).orElseThrow());
      if (registry.isPresent() && credentials.isPresent()) {
        if (key.equals(registry.get()) || key.equals(DOCKER_KEY)) {
          entries.put(registry.get(), credentials.get());
        } else {
          entries.putIfAbsent(registry.get(), credentials.get());
        }
      }
    }
    return entries;
  }

  /// What a registry is called in such a file.
  static String key(String registry) {
    return registry.equals(Reference.DEFAULT_REGISTRY) ? DOCKER_KEY : registry;
  }

  /// The text of `auth`.
  static String encode(Credentials.Password password) {
    return Base64.getEncoder()
        .encodeToString(
            (password.user() + ":" + password.password()).getBytes(StandardCharsets.UTF_8));
  }

  /// Why a file could not be used, without its name.
  static String reason(IOException e) {
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof java.nio.file.FileSystemException file && file.getReason() != null) {
      return OneLine.of(file.getReason(), 120);
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : OneLine.of(message, 120);
  }

  // Other tools write names with paths, which mean only a part of a registry: not for us.
  private static Optional<String> registry(String key) {
    String address = key;
    int scheme = key.indexOf("://");
    if (scheme >= 0) {
      int slash = key.indexOf('/', scheme + 3);
      address = slash >= 0 ? key.substring(0, slash) : key;
    }
    try {
      return Optional.of(Reference.registryOf(address));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The credentials of one member; empty if it is a mere note that a helper has them.
  private static Optional<Credentials> entry(JsonObject entry) throws ImageException {
    Optional<String> identity = entry.string("identitytoken").filter(token -> !token.isEmpty());
    if (identity.isPresent()) {
      return Optional.of(new Credentials.IdentityToken(identity.get()));
    }
    String auth = entry.string("auth").orElse("");
    if (auth.isEmpty()) {
      String user = entry.string("username").orElse("");
      String password = entry.string("password").orElse("");
      return user.isEmpty() || user.indexOf(':') >= 0
          ? Optional.empty()
          : Optional.of(new Credentials.Password(user, password));
    }
    String text;
    try {
      text = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // not the decoder's message: it quotes the text
      throw new ImageException(entry.what() + ": \"auth\" is not base64");
    }
    int colon = text.indexOf(':');
    if (colon < 1) {
      throw new ImageException(entry.what() + ": \"auth\" is not USER:PASSWORD in base64");
    }
    // Docker pads some passwords with NULs, and takes them off like this
    int end = text.length();
    while (end > colon + 1 && text.charAt(end - 1) == '\0') {
      end--;
    }
    return Optional.of(
        new Credentials.Password(text.substring(0, colon), text.substring(colon + 1, end)));
  }
}
