package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What an image runs on, in the words of the OCI (Go's): `linux/amd64`, `linux/arm/v7`.
///
/// @param os such as `linux`
/// @param architecture such as `amd64`
/// @param variant of the architecture; empty where it is the usual one, as `v8` of `arm64` and `v1`
///   of `amd64`
public record Platform(String os, String architecture, String variant) {
  private static final List<String> ARM_VARIANTS = List.of("v8", "v7", "v6", "v5");

  /// Brings the many names of one thing to one.
  public Platform {
    os = os.toLowerCase(Locale.ROOT);
    architecture =
        switch (architecture.toLowerCase(Locale.ROOT)) {
          case "x86_64", "x86-64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> architecture.toLowerCase(Locale.ROOT);
        };
    variant = variant.toLowerCase(Locale.ROOT);
    if (architecture.equals("arm64") && (variant.equals("v8") || variant.equals("8"))) {
      variant = "";
    } else if (architecture.equals("amd64") && variant.equals("v1")) {
      variant = "";
    } else if (architecture.equals("arm") && variant.isEmpty()) {
      variant = "v7";
    }
  }

  /// What this host runs: Linux on its own processor.
  public static Platform host() {
    return new Platform("linux", System.getProperty("os.arch"), "");
  }

  /// Reads `OS/ARCHITECTURE[/VARIANT]`.
  ///
  /// @throws IllegalArgumentException if it is anything else
  public static Platform parse(String text) {
    List<String> parts = List.of(text.split("/", -1));
    if (text.length() > 100
        || parts.size() < 2
        || parts.size() > 3
        || parts.stream().anyMatch(part -> !part.matches("[A-Za-z0-9._-]+"))) {
      throw new IllegalArgumentException(
          "\""
              + OneLine.of(text, 80)
              + "\" is no platform, OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT");
    }
    return new Platform(parts.get(0), parts.get(1), parts.size() == 3 ? parts.get(2) : "");
  }

  /// Reads `os`, `architecture` and `variant`; empty if the architecture is not said.
  static Optional<Platform> from(JsonObject json) throws ImageException {
    Optional<String> architecture = json.string("architecture");
    if (architecture.isEmpty() || architecture.get().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Platform(
            json.string("os").orElse("linux"),
            architecture.get(),
            json.string("variant").orElse("")));
  }

  /// Whether an image that is for the other one can run here at all. Of variants, an index says
  /// more than a configuration does.
  public boolean runs(Platform other) {
    return os.equals(other.os) && architecture.equals(other.architecture);
  }

  /// Looks at the platform in an image's configuration.
  ///
  /// @throws ImageException if that does not run here
  void check(Optional<Platform> built) throws ImageException {
    if (built.isPresent() && !runs(built.get())) {
      throw new ImageException(
          "there is no image for " + this + ", only for " + OneLine.of(built.get().toString(), 60));
    }
  }

  /// How well an image for the other one runs here: 0 is best, -1 is not at all. A later 32-bit ARM
  /// runs what is for an earlier one.
  int distanceTo(Platform other) {
    if (!os.equals(other.os) || !architecture.equals(other.architecture)) {
      return -1;
    }
    if (variant.equals(other.variant)) {
      return 0;
    }
    int ours = ARM_VARIANTS.indexOf(variant);
    int theirs = ARM_VARIANTS.indexOf(other.variant);
    return architecture.equals("arm") && ours >= 0 && theirs > ours ? theirs - ours : -1;
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
