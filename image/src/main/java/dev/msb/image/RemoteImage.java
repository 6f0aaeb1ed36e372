package dev.msb.image;

/// An image as a registry describes it, all but its layers. Verified against its digests.
public final class RemoteImage {
  private final Reference reference;
  private final Digest digest;
  private final Descriptor descriptor;
  private final byte[] manifestBytes;
  private final Manifest manifest;
  private final byte[] configBytes;
  private final ImageConfig config;

  RemoteImage(
      Reference reference,
      Digest digest,
      RemoteImage.Fetched<Manifest> manifest,
      byte[] configBytes,
      ImageConfig config) {
    this.reference = reference;
    this.digest = digest;
    this.descriptor =
        new Descriptor(manifest.document().mediaType(), manifest.digest(), manifest.bytes().length);
    this.manifestBytes = manifest.bytes();
    this.manifest = manifest.document();
    this.configBytes = configBytes;
    this.config = config;
  }

  /// A document and the bytes that it was read from.
  static final class Fetched<D extends ImageDocument> {
    private final D document;
    private final byte[] bytes;
    private final Digest digest;

    Fetched(D document, byte[] bytes, Digest digest) {
      this.document = document;
      this.bytes = bytes;
      this.digest = digest;
    }

    D document() {
      return document;
    }

    byte[] bytes() {
      return bytes;
    }

    Digest digest() {
      return digest;
    }
  }

  /// What was asked for.
  public Reference reference() {
    return reference;
  }

  /// What the reference names: the digest of the index if there is one, else of the manifest. With
  /// it in the place of the tag, the same image is got for ever.
  public Digest digest() {
    return digest;
  }

  /// Names the manifest of the chosen platform.
  public Descriptor descriptor() {
    return descriptor;
  }

  /// The manifest of the chosen platform.
  public Manifest manifest() {
    return manifest;
  }

  /// What the manifest was read from: the bytes of [#descriptor]. A copy.
  public byte[] manifestBytes() {
    return manifestBytes.clone();
  }

  /// How the image wants to be run. It has as many diff ids as the manifest has layers.
  public ImageConfig config() {
    return config;
  }

  /// What the configuration was read from: the bytes that the manifest's config names. A copy.
  public byte[] configBytes() {
    return configBytes.clone();
  }
}
