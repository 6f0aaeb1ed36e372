package dev.msb.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// Our own file of credentials: only its owner can read it (0600), its format is that of `auths` in
/// Docker's `config.json`. Not encrypted, as Docker's is not.
///
/// Each change replaces the file as a whole, under a lock of `FILE.lock`: a reader sees the old or
/// the new one, and of two writers none loses what it wrote. For use by any thread and process.
public final class LoginFile implements CredentialSource {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final JsonFactory JSON = new JsonFactory();

  // A lock of a file belongs to the whole process, so its threads need one more.
  private static final ReentrantLock WRITING = new ReentrantLock();

  private final Path file;

  /// Over a file that need not exist; its directory must, for [#login].
  public LoginFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  /// Keeps credentials for a registry, in place of those that there are.
  ///
  /// @param registry as the user wrote it
  /// @throws IllegalArgumentException if that is no registry
  /// @throws ImageException if the file cannot be read or written
  public void login(String registry, Credentials credentials) throws ImageException {
    String name = Reference.registryOf(registry);
    change(entries -> {
      entries.put(name, credentials);
      return true;
    });
  }

  /// Forgets the credentials for a registry.
  ///
  /// @param registry as the user wrote it
  /// @return whether there were any
  /// @throws IllegalArgumentException if that is no registry
  /// @throws ImageException if the file cannot be read or written
  public boolean logout(String registry) throws ImageException {
    String name = Reference.registryOf(registry);
    return Files.exists(file) && change(entries -> entries.remove(name) != null);
  }

  /// The registries that there are credentials for, in the order of their names.
  ///
  /// @throws ImageException if the file cannot be read
  public List<String> registries() throws ImageException {
    return List.copyOf(entries().keySet());
  }

  @Override
  public Optional<Credentials> find(String registry) throws ImageException {
    return Optional.ofNullable(entries().get(registry));
  }

  private Map<String, Credentials> entries() throws ImageException {
    Optional<JsonObject> json = AuthEntries.readFile(file);
    return new TreeMap<>(json.isEmpty() ? Map.of() : AuthEntries.read(json.get()));
  }

  /// A change of the entries; says whether it is one.
  private interface Change {
    boolean apply(Map<String, Credentials> entries);
  }

  private boolean change(Change change) throws ImageException {
    WRITING.lock();
    try (FileChannel lock = FileChannel.open(beside(".lock"), writing(), PRIVATE)) {
      lock.lock(); // until it is closed
      Map<String, Credentials> entries = entries();
      boolean changed = change.apply(entries);
      if (changed) {
        replace(json(entries));
      }
      return changed;
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(
          "cannot write the credentials to " + file + ": " + AuthEntries.reason(e), e);
    } finally {
      WRITING.unlock();
    }
  }

  private void replace(byte[] bytes) throws IOException {
    Path fresh = beside(".new");
    // one that a killed process left may be open to others
    Files.deleteIfExists(fresh);
    try (FileChannel out =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        out.write(buffer);
      }
      out.force(true); // a crash must not leave an empty file in place of all logins
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static byte[] json(Map<String, Credentials> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes).useDefaultPrettyPrinter()) {
      json.writeStartObject();
      json.writeObjectFieldStart("auths");
      for (Map.Entry<String, Credentials> entry : entries.entrySet()) {
        json.writeObjectFieldStart(AuthEntries.key(entry.getKey()));
        switch (entry.getValue()) {
          case Credentials.Password password ->
              json.writeStringField("auth", AuthEntries.encode(password));
          case Credentials.IdentityToken identity ->
              json.writeStringField("identitytoken", identity.token());
        }
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private Path beside(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  private static Set<StandardOpenOption> writing() {
    return Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }
}
