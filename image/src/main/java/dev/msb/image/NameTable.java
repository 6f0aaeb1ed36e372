package dev.msb.image;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/// The names of images: one file each, replaced at one stroke.
final class NameTable {
  /// What a name stands for.
  ///
  /// @param source the digest that the registry gave for the name
  record Entry(Reference name, Digest source, Descriptor manifest, Instant added) {}

  private final Path directory;

  NameTable(Path directory) {
    this.directory = directory;
  }

  void make() throws IOException {
    Files.createDirectories(directory);
  }

  void put(Entry entry) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("name", entry.name().toString());
    properties.setProperty("source", entry.source().toString());
    properties.setProperty("manifest", entry.manifest().digest().toString());
    properties.setProperty("media-type", entry.manifest().mediaType());
    properties.setProperty("size", Long.toString(entry.manifest().size()));
    properties.setProperty("added", entry.added().toString());
    Path next = Files.createTempFile(directory, ".new-", "");
    try (Writer out = Files.newBufferedWriter(next)) {
      properties.store(out, null);
    }
    Files.move(next, file(entry.name()), StandardCopyOption.ATOMIC_MOVE);
  }

  Optional<Entry> find(Reference name) throws IOException {
    return read(file(name));
  }

  boolean remove(Reference name) throws IOException {
    return Files.deleteIfExists(file(name));
  }

  /// All entries, by name.
  List<Entry> all() throws IOException {
    List<Entry> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().startsWith(".")) {
          read(file).ifPresent(all::add);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    all.sort((a, b) -> a.name().familiar().compareTo(b.name().familiar()));
    return all;
  }

  /// Removes what killed writers left. Nobody else may use the table meanwhile.
  void tidy() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith(".")) {
          Files.delete(file);
        }
      }
    }
  }

  /// A name has characters and a length that no file name can have, so its digest stands for it.
  private Path file(Reference name) {
    return directory.resolve(
        Digest.of(name.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)).hex());
  }

  private static Optional<Entry> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
      return Optional.of(
          new Entry(
              Reference.parse(value(properties, "name")),
              Digest.parse(value(properties, "source")),
              new Descriptor(
                  value(properties, "media-type"),
                  Digest.parse(value(properties, "manifest")),
                  Long.parseLong(value(properties, "size"))),
              Instant.parse(value(properties, "added"))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new ImageException(file + " is damaged: remove it and pull the image again", e);
    }
  }

  private static String value(Properties properties, String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalArgumentException("it lacks " + key);
    }
    return value;
  }
}
