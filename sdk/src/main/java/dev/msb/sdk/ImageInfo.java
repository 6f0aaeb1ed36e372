package dev.msb.sdk;

import dev.msb.image.Descriptor;
import dev.msb.image.Image;
import dev.msb.image.ImageConfig;
import dev.msb.image.Platform;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An image that is here. Its text is that of strangers, exactly as it is: see [GuestText] before a
/// terminal shows it. Digests are written `sha256:HEX`.
///
/// @param name what it is called here, as people write it: `alpine:latest`
/// @param id what tells it from all others: the digest of its configuration, as Docker has it
/// @param digest what was pulled: the digest that the registry gave for the name
/// @param manifestDigest the digest of its manifest, which is another one if the name stands for
///   images of several platforms
/// @param platform what it runs on, such as `linux/amd64`; empty if the image does not say
/// @param size bytes of its layers as they were pulled
/// @param added when it came here under this name
/// @param created when it was made, if the image says so
/// @param config how it wants to be run
/// @param layers the digests of its layers, the lowest first
/// @param rootDisk the root disk that was made of them, a file that nobody changes
public record ImageInfo(
    String name,
    String id,
    String digest,
    String manifestDigest,
    Optional<String> platform,
    long size,
    Instant added,
    Optional<Instant> created,
    Config config,
    List<String> layers,
    Path rootDisk) {

  /// Copies the list.
  public ImageInfo {
    layers = List.copyOf(layers);
  }

  /// How an image wants to be run.
  ///
  /// @param entrypoint first words of the command; may be empty
  /// @param command further words, which a user's own replace; may be empty
  /// @param env `NAME=value` for every process
  /// @param workingDirectory an absolute path in the guest; empty for /
  /// @param user `[NAME|UID][:[GROUP|GID]]`; empty for root
  /// @param stopSignal `SIGTERM` or `15`; empty for the usual one
  /// @param exposedPorts such as `8080/tcp`, not checked
  /// @param volumes absolute paths of directories for data
  /// @param labels notes of those who made it
  public record Config(
      List<String> entrypoint,
      List<String> command,
      List<String> env,
      String workingDirectory,
      String user,
      String stopSignal,
      Set<String> exposedPorts,
      Set<String> volumes,
      Map<String, String> labels) {

    /// Copies the collections.
    public Config {
      entrypoint = List.copyOf(entrypoint);
      command = List.copyOf(command);
      env = List.copyOf(env);
      exposedPorts = Set.copyOf(exposedPorts);
      volumes = Set.copyOf(volumes);
      labels = Map.copyOf(labels);
    }
  }

  static ImageInfo of(Image image) {
    ImageConfig config = image.config();
    return new ImageInfo(
        image.name().familiar(),
        image.id().toString(),
        image.source().toString(),
        image.descriptor().digest().toString(),
        config.platform().map(Platform::toString),
        image.size(),
        image.added(),
        config.created(),
        new Config(
            config.entrypoint(),
            config.cmd(),
            config.env(),
            config.workingDirectory(),
            config.user(),
            config.stopSignal(),
            config.exposedPorts(),
            config.volumes(),
            config.labels()),
        image.manifest().layers().stream().map(Descriptor::digest).map(String::valueOf).toList(),
        image.root());
  }
}
