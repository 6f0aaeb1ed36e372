package dev.msb.image;

import java.nio.file.Path;
import java.time.Instant;

/// An image in an [ImageStore], with its root disk.
///
/// @param name what it is called here
/// @param source what was pulled: the digest that the registry gave for the name, of an index or of
///   the manifest
/// @param descriptor of its manifest
/// @param manifest what it is made of
/// @param config how it wants to be run
/// @param root its root disk, a squashfs that no one changes
/// @param added when it came here under this name
public record Image(
    Reference name,
    Digest source,
    Descriptor descriptor,
    Manifest manifest,
    ImageConfig config,
    Path root,
    Instant added) {

  /// What tells this image from all others: the digest of its configuration, as Docker has it.
  public Digest id() {
    return manifest.config().digest();
  }

  /// Bytes of its layers as they were pulled.
  public long size() {
    return manifest.layers().stream().mapToLong(Descriptor::size).sum();
  }
}
