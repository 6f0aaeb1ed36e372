package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Against Debian's docker-registry, filled by skopeo.
@Timeout(120)
class RegistryTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final Platform ARM64 = Platform.parse("linux/arm64");
  private static final CredentialSource ANN =
      registry -> Optional.of(new Credentials.Password("ann", "secret"));

  private final TestImage amd64 = image("amd64", 200_000);
  private final TestImage arm64 = image("arm64", 100_000);

  @TempDir private Path directory = Path.of("/nonexistent");

  private static TestImage image(String architecture, int length) {
    byte[] unpacked = TestImage.noise(length);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(unpacked);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new TestImage(architecture, packed.toByteArray(), Digest.of(unpacked));
  }

  /// An OCI layout with one image for each of two platforms, under one name.
  private byte[] layout(Path layout) throws IOException {
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    List<String> manifests = new ArrayList<>();
    for (TestImage image : List.of(amd64, arm64)) {
      for (byte[] blob : List.of(image.layer, image.config, image.manifest)) {
        Files.write(blobs.resolve(Digest.of(blob).hex()), blob);
      }
      String platform =
          ", \"platform\": {\"os\": \"linux\", \"architecture\": \"%s\"}}"
              .formatted(image == amd64 ? "amd64" : "arm64");
      manifests.add(
          TestImage.descriptor(TestImage.OCI_MANIFEST, image.manifest).replace("}", platform));
    }
    byte[] index =
        TestImage.bytes(
            "{\"schemaVersion\": 2, \"mediaType\": \"%s\", \"manifests\": [%s]}"
                .formatted(TestImage.OCI_INDEX, String.join(",", manifests)));
    Files.write(blobs.resolve(Digest.of(index).hex()), index);
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
    String named =
        TestImage.descriptor(TestImage.OCI_INDEX, index)
            .replace("}", ", \"annotations\": {\"org.opencontainers.image.ref.name\": \"all\"}}");
    Files.writeString(
        layout.resolve("index.json"), "{\"schemaVersion\": 2, \"manifests\": [" + named + "]}");
    return index;
  }

  /// Puts both images into a registry as `team/app:1`, with these further words for skopeo.
  private byte[] push(DebianRegistry registry, String... words) throws Exception {
    Path layout = directory.resolve("layout");
    final byte[] index = layout(layout);
    List<String> argv =
        new ArrayList<>(
            List.of("skopeo", "copy", "--insecure-policy", "--all", "--dest-tls-verify=false"));
    argv.addAll(Arrays.asList(words));
    argv.add("oci:" + layout + ":all");
    argv.add("docker://" + registry.host() + "/team/app:1");
    DebianRegistry.run(argv.toArray(String[]::new));
    return index;
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  private static Registry registry(CredentialSource source, RegistryOptions.Builder options)
      throws ImageException {
    return new Registry(options.environment(Map.of()).build(), source);
  }

  private void pull(Registry registry, Reference reference) throws Exception {
    RemoteImage remote = registry.image(reference, AMD64);
    assertThat(remote.configBytes()).isEqualTo(amd64.config);
    Path file = directory.resolve("partial");
    registry.download(
        reference, remote.manifest().layers().getFirst(), file, ProgressListener.NONE);
    assertThat(file).hasBinaryContent(amd64.layer);
  }

  @Test
  void anImageIsPulledByTagAndByDigestForEachPlatform() throws Exception {
    try (DebianRegistry server = new DebianRegistry(directory("registry"), "");
        Registry registry = registry(CredentialSource.NONE, RegistryOptions.builder())) {
      byte[] index = push(server);
      Reference tagged = Reference.parse(server.host() + "/team/app:1");
      pull(registry, tagged);

      RemoteImage remote = registry.image(tagged, ARM64);
      assertThat(remote.digest()).isEqualTo(Digest.of(index));
      assertThat(remote.descriptor().digest()).isEqualTo(Digest.of(arm64.manifest));
      assertThat(remote.config().platform()).contains(ARM64);
      assertThat(registry.digest(tagged)).isEqualTo(Digest.of(index));

      Reference pinned = tagged.withDigest(Digest.of(index));
      assertThat(registry.image(pinned, ARM64).manifestBytes()).isEqualTo(arm64.manifest);
      Reference exact = Reference.parse(server.host() + "/team/app@" + Digest.of(amd64.manifest));
      pull(registry, exact);
      assertThatThrownBy(() -> registry.image(exact, ARM64))
          .hasMessageContaining("there is no image for linux/arm64, only for linux/amd64");
      assertThatThrownBy(() -> registry.image(tagged, Platform.parse("linux/riscv64")))
          .hasMessageEndingWith(
              "there is no image for linux/riscv64, only for linux/amd64, linux/arm64");
    }
  }

  @Test
  void aDownloadGoesOnFromWhatIsThere() throws Exception {
    try (DebianRegistry server = new DebianRegistry(directory("registry"), "");
        Registry registry = registry(CredentialSource.NONE, RegistryOptions.builder())) {
      push(server);
      Files.write(directory.resolve("partial"), Arrays.copyOf(amd64.layer, 50_000));
      pull(registry, Reference.parse(server.host() + "/team/app:1"));
    }
  }

  @Test
  void whatIsNotThereIsNamed() throws Exception {
    try (DebianRegistry server = new DebianRegistry(directory("registry"), "");
        Registry registry = registry(CredentialSource.NONE, RegistryOptions.builder())) {
      push(server);
      assertThatThrownBy(
              () -> registry.image(Reference.parse(server.host() + "/team/app:2"), AMD64))
          .hasMessage(
              "%1$s has no image %1$s/team/app:2: manifest unknown".formatted(server.host()));
      assertThatThrownBy(() -> registry.digest(Reference.parse(server.host() + "/team/no")))
          .isInstanceOfSatisfying(
              RegistryException.class,
              e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.NOT_FOUND));
    }
  }

  @Test
  void aPasswordOpensARegistry() throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("users"),
            "ann:$2y$04$oZTKCQLRxYwTcwFHTVcqeO3bNjr/du8TghNadM3hYYOAsnfVQIGpy\n");
    String auth = "auth:\n  htpasswd:\n    realm: here\n    path: " + users;
    try (DebianRegistry server = new DebianRegistry(directory("registry"), auth);
        Registry known = registry(ANN, RegistryOptions.builder());
        Registry unknown = registry(CredentialSource.NONE, RegistryOptions.builder())) {
      push(server, "--dest-creds", "ann:secret");
      Reference reference = Reference.parse(server.host() + "/team/app:1");
      pull(known, reference);
      assertThatThrownBy(() -> unknown.image(reference, AMD64))
          .hasMessageContaining("or wants credentials for it")
          .hasMessageEndingWith("(msb registry login " + server.host() + ")");
      unknown.verify(server.host(), new Credentials.Password("ann", "secret"));
      assertThatThrownBy(
              () -> unknown.verify(server.host(), new Credentials.Password("ann", "wrong")))
          .hasMessageContaining("does not accept the credentials there are for a login");
    }
  }

  @Test
  void aRegistryIsTrustedByItsCaAlsoThroughAProxy() throws Exception {
    Path tls = directory("tls");
    DebianRegistry.run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=own CA",
        "-keyout",
        tls + "/ca.key",
        "-out",
        tls + "/ca.pem");
    DebianRegistry.run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=registry",
        "-addext",
        "subjectAltName=DNS:registry.example.org",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-CA",
        tls + "/ca.pem",
        "-CAkey",
        tls + "/ca.key",
        "-keyout",
        tls + "/key.pem",
        "-out",
        tls + "/cert.pem");
    String http = "  tls:\n    certificate: " + tls + "/cert.pem\n    key: " + tls + "/key.pem";
    try (DebianRegistry server = new DebianRegistry(directory("registry"), http);
        TunnelProxy proxy = new TunnelProxy(server.host())) {
      push(server);
      Map<String, String> environment = Map.of("HTTPS_PROXY", proxy.host());
      Reference named = Reference.parse("registry.example.org/team/app:1");
      RegistryOptions.Builder trusting =
          RegistryOptions.builder().caFile(tls.resolve("ca.pem")).environment(environment);
      try (Registry registry = new Registry(trusting.build(), CredentialSource.NONE)) {
        pull(registry, named);
        assertThat(proxy.asked()).contains("CONNECT registry.example.org:443 HTTP/1.1");
        // the certificate is good, but for another host
        assertThatThrownBy(
                () -> registry.image(Reference.parse("other.example.org/team/app:1"), AMD64))
            .isInstanceOfSatisfying(
                RegistryException.class,
                e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.UNTRUSTED));
      }
      RegistryOptions.Builder plain = RegistryOptions.builder().environment(environment);
      try (Registry registry = new Registry(plain.build(), CredentialSource.NONE)) {
        assertThatThrownBy(() -> registry.image(named, AMD64))
            .hasMessageStartingWith("registry.example.org has a certificate that is not trusted: ")
            .hasMessageEndingWith("(name the file of its CA with --ca, or pass --insecure)");
      }
      plain.insecure("registry.example.org");
      try (Registry registry = new Registry(plain.build(), CredentialSource.NONE)) {
        pull(registry, named);
      }
      // on this host nobody is asked for a certificate, as with Docker
      try (Registry registry = registry(CredentialSource.NONE, RegistryOptions.builder())) {
        pull(registry, Reference.parse(server.host() + "/team/app:1"));
      }
    }
  }

  @Test
  void aCaFileThatIsNoneIsNamed() throws Exception {
    Path file = Files.writeString(directory.resolve("ca.pem"), "hello");
    assertThatThrownBy(
            () -> registry(CredentialSource.NONE, RegistryOptions.builder().caFile(file)))
        .hasMessage(file + " does not hold certificates in PEM");
    assertThatThrownBy(() ->
            registry(
                CredentialSource.NONE, RegistryOptions.builder().caFile(directory.resolve("gone"))))
        .hasMessageStartingWith("cannot read the certificates in " + directory);
  }
}
