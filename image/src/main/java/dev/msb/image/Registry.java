package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Gets images from registries that speak the OCI's distribution protocol, as Docker's does.
///
/// All methods block, may be called from any thread and by several at once (also for the layers of
/// one image), and end at once with an [InterruptedException] when their thread is interrupted.
/// What fails but may pass (no connection, a connection that stalls or breaks, 429, 5xx) is tried
/// again, see [RegistryOptions]. Other failures are [RegistryException]s, or [ImageException]s if
/// what came is no image that msb can run.
///
/// Nothing that comes is believed: sizes are bounded, and all is checked against its digest. Only
/// what a tag names is the registry's word.
public final class Registry implements AutoCloseable {
  private static final int DEEPEST_INDEX = 3;

  private final Retries retries;
  private final Http http;
  private final Endpoints endpoints;

  /// A client of all registries. Nothing is connected to yet.
  ///
  /// @throws ImageException if the CA file or a proxy of the options cannot be used
  public Registry(RegistryOptions options, CredentialSource credentials) throws ImageException {
    this(
        options,
        credentials,
        InstantSource.system(),
        Retries.Pause.REAL,
        RandomGenerator.getDefault());
  }

  Registry(
      RegistryOptions options,
      CredentialSource credentials,
      InstantSource clock,
      Retries.Pause pause,
      RandomGenerator random)
      throws ImageException {
    this.retries = new Retries(pause, random);
    this.http = new Http(options);
    this.endpoints = new Endpoints(options, http, credentials, clock);
  }

  /// Gets the manifest and the configuration of an image.
  ///
  /// @throws ImageException if there is none for the platform, or it cannot be had
  public RemoteImage image(Reference reference, Platform platform)
      throws ImageException, InterruptedException {
    return endpoints.firstOf(
        reference.registry(), endpoint -> image(endpoint, reference, platform));
  }

  /// What a reference names now, without getting it (which some registries count). Tells whether an
  /// image that is here is still the one that its tag names.
  ///
  /// @throws RegistryException if the registry does not say
  public Digest digest(Reference reference) throws ImageException, InterruptedException {
    return endpoints.firstOf(
        reference.registry(),
        endpoint -> {
          Endpoint.Question question = manifest(reference, named(reference));
          Optional<Digest> digest = retried(endpoint, () -> announced(endpoint, question.head()));
          return digest.isPresent()
              ? digest.get()
              : fetch(endpoint, reference, named(reference)).digest();
        });
  }

  /// Gets a blob into a file, going on behind what is there from an earlier call. No two calls may
  /// have the same file at once.
  ///
  /// When this returns, the file has all bytes, and they are those of the digest. If it fails, the
  /// file has what may be gone on from, or is not there. It is not forced to the disk.
  ///
  /// @param image where the blob is
  /// @param blob with its digest and size; no more than this is taken or written
  /// @param partial the file, made if it is not there
  /// @throws RegistryException if the blob cannot be had
  /// @throws ImageException if the file cannot be written
  public void download(Reference image, Descriptor blob, Path partial, ProgressListener listener)
      throws ImageException, InterruptedException {
    Endpoint.Question question = blob(image, blob, "layer " + blob.digest());
    try (BlobDownload download = new BlobDownload(blob, partial, listener)) {
      endpoints.firstOf(
          image.registry(),
          endpoint ->
              retries.run(
                  endpoint.maxRetries(),
                  download::size,
                  () -> {
                    download.run(endpoint, question);
                    return true;
                  }));
    }
  }

  /// Finds out whether a registry accepts credentials, or wants none.
  ///
  /// @param registry as the user wrote it
  /// @throws IllegalArgumentException if that is no registry
  /// @throws RegistryException if it does not
  public void verify(String registry, Credentials given)
      throws ImageException, InterruptedException {
    String name = Reference.registryOf(registry);
    Endpoint endpoint = endpoints.itself(name, asked -> Optional.of(given));
    Endpoint.Question question = new Endpoint.Question("GET", "", "", Map.of(), "a login");
    boolean done =
        retried(
            endpoint,
            () -> {
              try (Response response = endpoint.ask(question)) {
                if (response.isHtml()) {
                  throw Failures.html(name);
                }
                return response.status() == 200;
              }
            });
    if (!done) {
      throw Failures.invalid(name + " does not answer as a registry does");
    }
  }

  /// Ends all that is under way; those who wait for it get an error.
  @Override
  public void close() {
    http.close();
  }

  private RemoteImage image(Endpoint endpoint, Reference reference, Platform platform)
      throws ImageException, InterruptedException {
    RemoteImage.Fetched<ImageDocument> top = fetch(endpoint, reference, named(reference));
    RemoteImage.Fetched<ImageDocument> fetched = top;
    for (int depth = 0; fetched.document() instanceof ImageIndex index; depth++) {
      if (depth == DEEPEST_INDEX) {
        throw Failures.invalid(shown(reference) + " is an index of indexes without end");
      }
      Descriptor chosen;
      try {
        chosen = index.select(platform);
      } catch (ImageException e) {
        throw new ImageException(shown(reference) + ": " + e.getMessage(), e);
      }
      fetched = fetch(endpoint, reference, chosen.digest().toString());
    }
    Manifest manifest = (Manifest) fetched.document();
    byte[] configBytes = config(endpoint, reference, manifest.config());
    ImageConfig config = ImageConfig.parse(configBytes);
    check(reference, platform, manifest, config);
    return new RemoteImage(
        reference,
        top.digest(),
        new RemoteImage.Fetched<>(manifest, fetched.bytes(), fetched.digest()),
        configBytes,
        config);
  }

  private static void check(
      Reference reference, Platform platform, Manifest manifest, ImageConfig config)
      throws ImageException {
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new ImageException(
          shown(reference)
              + " has "
              + manifest.layers().size()
              + " layers, but its configuration names "
              + config.diffIds().size());
    }
    try {
      platform.check(config.platform());
    } catch (ImageException e) {
      throw new ImageException(shown(reference) + ": " + e.getMessage(), e);
    }
  }

  private RemoteImage.Fetched<ImageDocument> fetch(
      Endpoint endpoint, Reference reference, String tagOrDigest)
      throws ImageException, InterruptedException {
    Endpoint.Question question = manifest(reference, tagOrDigest);
    return retried(
        endpoint,
        () -> {
          try (Response response = endpoint.ask(question)) {
            if (response.isHtml()) {
              throw Failures.html(endpoint.name());
            }
            byte[] bytes =
                endpoint.read(
                    response, ImageDocument.LARGEST_BYTES, "manifest of " + shown(reference));
            Digest digest = Digest.of(bytes);
            String wanted =
                tagOrDigest.startsWith("sha256:")
                    ? tagOrDigest
                    : response.header("Docker-Content-Digest").orElse("");
            if (wanted.startsWith("sha256:") && !wanted.equals(digest.toString())) {
              throw Failures.invalid(
                  endpoint.name()
                      + " sends another manifest than "
                      + OneLine.of(wanted, 80)
                      + " names");
            }
            ImageDocument document =
                ImageDocument.parse(bytes, "the manifest of " + shown(reference));
            return new RemoteImage.Fetched<>(document, bytes, digest);
          }
        });
  }

  private byte[] config(Endpoint endpoint, Reference reference, Descriptor config)
      throws ImageException, InterruptedException {
    Endpoint.Question question = blob(reference, config, "configuration " + config.digest());
    return retried(
        endpoint,
        () -> {
          try (Response response = endpoint.ask(question)) {
            // Manifest has seen to it that this is not much
            byte[] bytes =
                endpoint.read(
                    response, (int) config.size(), "configuration of " + shown(reference));
            if (!Digest.of(bytes).equals(config.digest())) {
              throw Failures.invalid(
                  endpoint.name() + " sends other bytes than " + config.digest() + " names");
            }
            return bytes;
          }
        });
  }

  private static Optional<Digest> announced(Endpoint endpoint, Endpoint.Question head)
      throws RegistryException, InterruptedException {
    try (Response response = endpoint.ask(head)) {
      return Optional.of(Digest.parse(response.header("Docker-Content-Digest").orElse("")));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // none, or one of another kind
    } catch (RegistryException e) {
      if (e.kind() == RegistryException.Kind.INVALID) {
        return Optional.empty(); // it may not know HEAD
      }
      throw e;
    }
  }

  private static Endpoint.Question manifest(Reference reference, String tagOrDigest) {
    return new Endpoint.Question("manifests/" + tagOrDigest, reference, "image " + shown(reference))
        .with("Accept", MediaTypes.ACCEPTED);
  }

  private static Endpoint.Question blob(Reference image, Descriptor blob, String what) {
    return new Endpoint.Question("blobs/" + blob.digest(), image, what + " of " + shown(image));
  }

  private static String named(Reference reference) {
    return reference.digest().map(Digest::toString).or(reference::tag).orElse("latest");
  }

  private static String shown(Reference reference) {
    return reference.familiar();
  }

  private <T> T retried(Endpoint endpoint, Retries.Attempt<T> attempt)
      throws ImageException, InterruptedException {
    return retries.run(endpoint.maxRetries(), () -> 0, attempt);
  }
}
