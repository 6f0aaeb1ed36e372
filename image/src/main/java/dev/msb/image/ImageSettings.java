package dev.msb.image;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;

/// How images are got, as a user wrote it down once for all commands:
///
/// ```
/// insecure = localhost:5000, registry.test
/// ca = /etc/ssl/company.pem
/// mirror.docker.io = https://mirror.company.test
/// limit.uncompressedBytes = 137438953472
/// ```
///
/// `docs/images.md` tells of every key.
///
/// @param registries for a [Registry]
/// @param limits for root disks
public record ImageSettings(RegistryOptions.Builder registries, ImageLimits limits) {

  /// Reads a file of settings; one that is not there says nothing.
  ///
  /// @throws ImageException if it cannot be read, or has a key or value that is unknown
  public static ImageSettings read(Path file) throws ImageException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (NoSuchFileException e) {
      // the defaults
    } catch (IOException | IllegalArgumentException e) {
      throw new ImageException("cannot read " + file + ": " + e.getMessage(), e);
    }
    RegistryOptions.Builder registries = RegistryOptions.builder();
    ImageLimits limits = ImageLimits.DEFAULT;
    for (String key : properties.stringPropertyNames()) {
      String value = properties.getProperty(key).strip();
      try {
        if (key.startsWith("limit.")) {
          limits = limit(limits, key.substring("limit.".length()), Long.parseLong(value));
        } else {
          registry(registries, key, value);
        }
      } catch (NumberFormatException e) {
        throw new ImageException(file + ": " + key + " is no number: " + value, e);
      } catch (IllegalArgumentException e) {
        throw new ImageException(file + ": " + key + ": " + e.getMessage(), e);
      }
    }
    return new ImageSettings(registries, limits);
  }

  private static void registry(RegistryOptions.Builder registries, String key, String value) {
    String[] values = value.split("\\s*,\\s*", -1);
    switch (key) {
      case "insecure" -> {
        for (String registry : values) {
          registries.insecure(registry);
        }
      }
      case "ca" -> registries.caFile(Path.of(value));
      default -> {
        if (!key.startsWith("mirror.")) {
          throw new IllegalArgumentException("there is no such setting");
        }
        for (String mirror : values) {
          registries.mirror(key.substring("mirror.".length()), mirror);
        }
      }
    }
  }

  private static ImageLimits limit(ImageLimits all, String name, long value) {
    int small = (int) Math.min(value, Integer.MAX_VALUE);
    boolean known =
        Set.of(
                "layerBytes",
                "imageBytes",
                "uncompressedBytes",
                "entries",
                "metadataBytes",
                "pathBytes",
                "depth",
                "xattrBytes")
            .contains(name);
    if (!known) {
      throw new IllegalArgumentException("there is no such setting");
    }
    return new ImageLimits(
        name.equals("layerBytes") ? value : all.layerBytes(),
        name.equals("imageBytes") ? value : all.imageBytes(),
        name.equals("uncompressedBytes") ? value : all.uncompressedBytes(),
        name.equals("entries") ? small : all.entries(),
        name.equals("metadataBytes") ? value : all.metadataBytes(),
        name.equals("pathBytes") ? small : all.pathBytes(),
        name.equals("depth") ? small : all.depth(),
        name.equals("xattrBytes") ? small : all.xattrBytes());
  }
}
