package dev.msb.image;

import java.nio.file.Path;
import java.util.Optional;

/// One layer of an image: a tar, as it is or compressed with gzip or zstd, which its first bytes
/// tell.
///
/// @param file where it lies; it is only read
/// @param diffId the digest of the uncompressed tar, which is checked; empty if nobody knows it
public record Layer(Path file, Optional<Digest> diffId) {}
