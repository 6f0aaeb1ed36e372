package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Registries that fail, lie, or are not there.
@Timeout(60)
class RegistryFailureTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final String MANIFEST = "/v2/app/manifests/latest";

  private final TestImage image = new TestImage("amd64");
  private final RecordedPause time = new RecordedPause();
  private WebServer server = new WebServer();

  RegistryFailureTest() throws IOException {}

  @BeforeEach
  void serve() {
    image.serve(server, "app", "latest");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Registry registry(RegistryOptions options) throws ImageException {
    return new Registry(options, CredentialSource.NONE, time, time, new Random(1));
  }

  private RemoteImage pull() throws Exception {
    return pull(server.options().build(), server.image("app"));
  }

  private RemoteImage pull(RegistryOptions options, Reference reference) throws Exception {
    try (Registry registry = registry(options)) {
      return registry.image(reference, AMD64);
    }
  }

  private AbstractThrowableAssert<?, ?> assertPullFails(RegistryException.Kind kind) {
    return assertThatThrownBy(this::pull)
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  @Test
  void anImageIsDescribed() throws Exception {
    RemoteImage remote = pull();
    assertThat(remote.digest()).isEqualTo(Digest.of(image.manifest));
    assertThat(remote.manifestBytes()).isEqualTo(image.manifest);
    assertThat(remote.configBytes()).isEqualTo(image.config);
    assertThat(remote.manifest().layers()).containsExactly(image.layerDescriptor());
    assertThat(server.seen(MANIFEST).getFirst().header("Accept"))
        .contains(TestImage.OCI_INDEX, TestImage.OCI_MANIFEST, "manifest.list.v2", "manifest.v2");
    assertThat(time.pauses()).isEmpty();
  }

  @Test
  void aTagIsLookedUpWithoutGettingTheManifest() throws Exception {
    String digest = Digest.of(image.manifest).toString();
    server.on(MANIFEST, WebServer.status(200, image.manifest, "Docker-Content-Digest", digest));
    try (Registry registry = registry(server.options().build())) {
      assertThat(registry.digest(server.image("app"))).hasToString(digest);
    }
    assertThat(server.seen()).extracting(WebServer.Seen::method).containsExactly("HEAD");
  }

  @Test
  void aRegistryThatDoesNotSayTheDigestIsAskedForTheManifest() throws Exception {
    try (Registry registry = registry(server.options().build())) {
      assertThat(registry.digest(server.image("app"))).isEqualTo(Digest.of(image.manifest));
    }
    assertThat(server.seen()).extracting(WebServer.Seen::method).containsExactly("HEAD", "GET");
  }

  @Test
  void whatIsNotThereIsNamed() {
    server.on(
        MANIFEST,
        WebServer.status(
            404,
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"unknown\\u001b[2J\"}]}"));
    assertPullFails(RegistryException.Kind.NOT_FOUND)
        .hasMessage("%1$s has no image %1$s/app:latest: unknown\\x1b[2J".formatted(server.host()));
    assertThat(time.pauses()).isEmpty();
  }

  @Test
  void aDenialSaysWhatToDo() {
    server.on(MANIFEST, WebServer.status(403, ""));
    assertPullFails(RegistryException.Kind.DENIED)
        .hasMessage(
            "%1$s denies image %1$s/app:latest (log in as a user who may have it: msb registry login %1$s)"
                .formatted(server.host()));
  }

  @Test
  void aFailingRegistryIsAskedAgainAfterLongerAndLongerPauses() throws Exception {
    WebServer.Answer failure = WebServer.status(500, "");
    server.on(MANIFEST, failure, failure, failure, WebServer.status(200, image.manifest));
    pull();
    assertThat(time.pauses()).hasSize(3);
    assertThat(time.pauses().get(0)).isBetween(Duration.ofMillis(250), Duration.ofMillis(500));
    assertThat(time.pauses().get(1)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
    assertThat(time.pauses().get(2)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void aRegistryThatKeepsFailingIsGivenUp() {
    server.on(MANIFEST, WebServer.status(503, "overloaded"));
    assertPullFails(RegistryException.Kind.UNAVAILABLE)
        .hasMessage(server.host() + " fails with status 503: overloaded (try again later)");
    assertThat(server.seen(MANIFEST)).hasSize(5);
  }

  @Test
  void aRateLimitIsWaitedForAsLongAsItSays() throws Exception {
    server.on(
        MANIFEST,
        WebServer.status(429, "", "Retry-After", "7"),
        WebServer.status(429, "", "Retry-After", "Mon, 6 May 2024 07:09:00 GMT"),
        WebServer.status(200, image.manifest));
    pull();
    assertThat(time.pauses()).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(44));
  }

  @Test
  void aRateLimitOfHoursIsNotWaitedFor() {
    server.on(MANIFEST, WebServer.status(429, "toomanyrequests: slow down", "Retry-After", "3600"));
    assertPullFails(RegistryException.Kind.RATE_LIMITED)
        .hasMessage(
            "%1$s limits how often it may be asked: toomanyrequests: slow down (try again in 3600 s, or msb registry login %1$s)"
                .formatted(server.host()));
    assertThat(time.pauses()).isEmpty();
  }

  @Test
  void aCompressedErrorIsRead() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(TestImage.bytes("{\"errors\":[{\"message\":\"squeezed\"}]}"));
    }
    server.on(MANIFEST, WebServer.status(403, bytes.toByteArray(), "Content-Encoding", "gzip"));
    assertPullFails(RegistryException.Kind.DENIED).hasMessageContaining(": squeezed (");
    server.on(MANIFEST, WebServer.status(403, "no gzip", "Content-Encoding", "gzip"));
    assertPullFails(RegistryException.Kind.DENIED);
  }

  @Test
  void aWebPageIsNoManifest() {
    server.on(MANIFEST, WebServer.status(200, "<html>", "Content-Type", "text/html; charset=x"));
    assertPullFails(RegistryException.Kind.INVALID)
        .hasMessage(
            server.host()
                + " answers with a web page: it is no registry, or a login page is before it");
  }

  @Test
  void aManifestOverTheLimitIsCutOff() {
    server.on(MANIFEST, WebServer.endless(" "));
    assertPullFails(RegistryException.Kind.INVALID)
        .hasMessage(
            "%1$s sends more than 4194304 bytes as manifest of %1$s/app:latest"
                .formatted(server.host()));
  }

  @Test
  void otherBytesThanTheDigestNamesAreRefused() {
    Reference pinned = server.image("app").withDigest(Digest.of(image.manifest));
    byte[] other = new TestImage("arm64").manifest;
    server.on("/v2/app/manifests/" + Digest.of(image.manifest), WebServer.status(200, other));
    assertThatThrownBy(() -> pull(server.options().build(), pinned))
        .hasMessage(
            server.host() + " sends another manifest than " + Digest.of(image.manifest) + " names");
    server.on(
        "/v2/app/blobs/" + Digest.of(image.config),
        WebServer.status(200, "x".repeat(image.config.length)));
    assertPullFails(RegistryException.Kind.INVALID)
        .hasMessage(
            server.host() + " sends other bytes than " + Digest.of(image.config) + " names");
  }

  @Test
  void anotherPlatformIsNamed() {
    new TestImage("s390x").serve(server, "app", "latest");
    assertThatThrownBy(this::pull)
        .hasMessage(
            server.host() + "/app:latest: there is no image for linux/amd64, only for linux/s390x");
  }

  @Test
  void anIndexOfItselfEnds() {
    byte[] inner = TestImage.bytes("{\"schemaVersion\":2,\"manifests\":[]}");
    for (int i = 0; i < 6; i++) {
      server.on("/v2/app/manifests/" + Digest.of(inner), WebServer.status(200, inner));
      inner =
          TestImage.bytes(
              "{\"schemaVersion\":2,\"manifests\":["
                  + TestImage.descriptor(TestImage.OCI_INDEX, inner)
                  + "]}");
    }
    server.on(MANIFEST, WebServer.status(200, inner));
    assertThatThrownBy(this::pull).hasMessageEndingWith("is an index of indexes without end");
  }

  @Test
  void endlessRedirectsEnd() {
    server.on(MANIFEST, WebServer.status(302, "", "Location", MANIFEST));
    assertPullFails(RegistryException.Kind.INVALID)
        .hasMessage(server.host() + " redirects without end");
    server.on(MANIFEST, WebServer.status(302, "", "Location", "file:///etc/passwd"));
    assertPullFails(RegistryException.Kind.INVALID)
        .hasMessage(server.host() + " redirects to what is no web address");
  }

  @Test
  void aConnectionThatIsRefusedIsTriedAgainThenNamed() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = socket.getLocalPort();
    }
    String host = "127.0.0.1:" + port;
    RegistryOptions options =
        RegistryOptions.builder().environment(Map.of()).plainHttp(host).build();
    assertThatThrownBy(() -> pull(options, Reference.parse(host + "/app")))
        .hasMessage(
            "cannot reach "
                + host
                + ": connection refused (check its name and port, and the network)");
    assertThat(time.pauses()).hasSize(4);
  }

  @Test
  void anUnknownHostIsNamedAtOnce() {
    RegistryOptions options = RegistryOptions.builder().environment(Map.of()).build();
    assertThatThrownBy(() -> pull(options, Reference.parse("registry.invalid/app")))
        .hasMessage(
            "cannot reach registry.invalid: there is no host of that name (check the spelling, and the network)");
    assertThat(time.pauses()).isEmpty();
  }

  @Test
  void mirrorsAreAskedFirstAndTheRegistryLast() throws Exception {
    try (WebServer empty = new WebServer();
        WebServer broken = new WebServer()) {
      broken.on("/prefix" + MANIFEST, WebServer.status(500, ""));
      RegistryOptions options =
          server
              .options()
              .mirror(server.host(), empty.address())
              .mirror(server.host(), broken.address() + "/prefix/")
              .build();
      assertThat(pull(options, server.image("app")).digest()).isEqualTo(Digest.of(image.manifest));
      assertThat(empty.seen()).hasSize(1);
      assertThat(broken.seen()).hasSize(1);

      image.serve(empty, "app", "latest");
      int before = server.seen().size();
      pull(options, server.image("app"));
      assertThat(server.seen()).hasSize(before);
      assertThat(time.pauses()).isEmpty();
    }
  }

  @Test
  void aProxyOfTheEnvironmentIsUsed() throws Exception {
    // the server takes requests for other hosts as a proxy does
    RegistryOptions options =
        RegistryOptions.builder()
            .plainHttp("registry.invalid")
            .environment(
                Map.of("http_proxy", "http://u:p%40@" + server.host(), "NO_PROXY", "example.org"))
            .build();
    pull(options, Reference.parse("registry.invalid/app"));
    assertThat(server.seen().getFirst())
        .satisfies(seen -> {
          assertThat(seen.path()).isEqualTo("http://registry.invalid" + MANIFEST);
          assertThat(seen.header("Proxy-authorization")).isEqualTo("Basic dTpwQA==");
        });
  }

  @Test
  void aProxyThatCannotBeUsedIsNotShown() {
    RegistryOptions options =
        RegistryOptions.builder()
            .environment(Map.of("HTTPS_PROXY", "socks5://user:hunter2@example.org"))
            .build();
    assertThatThrownBy(() -> registry(options))
        .hasMessage("HTTPS_PROXY is not [http://][USER:PASSWORD@]HOST[:PORT]");
  }
}
