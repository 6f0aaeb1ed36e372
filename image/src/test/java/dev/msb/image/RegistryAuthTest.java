package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How a registry is told who asks.
@Timeout(60)
class RegistryAuthTest {
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final String BASIC = "Basic YW5uOnNlY3JldA=="; // ann:secret
  private static final CredentialSource ANN =
      registry -> Optional.of(new Credentials.Password("ann", "secret"));

  private final TestImage image = new TestImage("amd64");
  private final RecordedPause time = new RecordedPause();
  private WebServer server = new WebServer();

  RegistryAuthTest() throws IOException {}

  @BeforeEach
  void serve() {
    image.serve(server, "app", "latest");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Registry registry(CredentialSource source) throws ImageException {
    return new Registry(server.options().build(), source, time, time, new Random(1));
  }

  /// Lets an answer through only to who has this.
  private static WebServer.Answer guarded(
      String authorization, String challenge, WebServer.Answer answer) {
    return exchange -> {
      if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        answer.send(exchange);
      } else {
        WebServer.status(
                401,
                "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"who are you?\"}]}",
                "WWW-Authenticate",
                challenge)
            .send(exchange);
      }
    };
  }

  private void guard(String authorization, String challenge) {
    server.on(
        "/v2/app/manifests/latest",
        guarded(authorization, challenge, WebServer.status(200, image.manifest)));
    server.on(
        "/v2/app/blobs/" + Digest.of(image.config),
        guarded(authorization, challenge, WebServer.status(200, image.config)));
  }

  private String bearer() {
    return "Bearer realm=\""
        + server.address()
        + "/token\",service=\"the service\",scope=\"repository:app:pull\"";
  }

  @Test
  void aTokenIsAskedForOnceAndKept() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(200, "{\"token\":\"tok\",\"expires_in\":300}"));
    try (Registry registry = registry(CredentialSource.NONE)) {
      registry.image(server.image("app"), AMD64);
      registry.image(server.image("app"), AMD64);
    }
    assertThat(server.seen("/token"))
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.path())
              .isEqualTo("/token?service=the+service&scope=repository%3Aapp%3Apull");
          assertThat(seen.header("Authorization")).isEmpty();
        });
    assertThat(server.seen("/v2/app/manifests")).hasSize(3);
  }

  @Test
  void aTokenIsRenewedWhenItEnds() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(200, "{\"access_token\":\"tok\",\"expires_in\":300}"));
    try (Registry registry = registry(CredentialSource.NONE)) {
      registry.image(server.image("app"), AMD64);
      time.pass(Duration.ofMinutes(6));
      registry.image(server.image("app"), AMD64);
    }
    assertThat(server.seen("/token")).hasSize(2);
  }

  @Test
  void aTokenThatTheRegistryNoLongerTakesIsRenewed() throws Exception {
    guard("Bearer one", bearer());
    server.on(
        "/token",
        WebServer.status(200, "{\"token\":\"one\",\"expires_in\":3000}"),
        WebServer.status(200, "{\"token\":\"two\",\"expires_in\":3000}"));
    try (Registry registry = registry(CredentialSource.NONE)) {
      registry.image(server.image("app"), AMD64);
      guard("Bearer two", bearer());
      registry.image(server.image("app"), AMD64);
    }
    assertThat(server.seen("/token")).hasSize(2);
  }

  @Test
  void aPasswordIsForTheTokenServerOnly() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", guarded(BASIC, "Basic", WebServer.status(200, "{\"token\":\"tok\"}")));
    try (Registry registry = registry(ANN)) {
      registry.image(server.image("app"), AMD64);
    }
    assertThat(server.seen("/v2/"))
        .extracting(seen -> seen.header("Authorization"))
        .containsExactly("", "Bearer tok", "Bearer tok");
  }

  @Test
  void anIdentityTokenIsPosted() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(200, "{\"access_token\":\"tok\"}"));
    try (Registry registry =
        registry(name -> Optional.of(new Credentials.IdentityToken("long+lived")))) {
      registry.image(server.image("app"), AMD64);
    }
    assertThat(server.seen("/token"))
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.method()).isEqualTo("POST");
          assertThat(seen.path()).isEqualTo("/token");
          assertThat(seen.body())
              .contains("grant_type=refresh_token", "refresh_token=long%2Blived", "service=");
        });
  }

  @Test
  void aPasswordIsSentToARegistryThatWantsItself() throws Exception {
    guard(BASIC, "Basic realm=\"here\"");
    try (Registry registry = registry(ANN)) {
      registry.image(server.image("app"), AMD64);
    }
    assertThat(server.seen("/v2/")).hasSize(3);
  }

  @Test
  void ofSeveralWaysATokenIsTaken() throws Exception {
    guard("Bearer tok", "Negotiate, Basic realm=\"a, b\", " + bearer());
    server.on("/token", WebServer.status(200, "{\"token\":\"tok\"}"));
    try (Registry registry = registry(ANN)) {
      assertThat(registry.image(server.image("app"), AMD64).config().cmd())
          .containsExactly("/bin/sh");
    }
  }

  @Test
  void withoutCredentialsTheUserIsToldToLogIn() throws Exception {
    guard(BASIC, "Basic realm=\"here\"");
    try (Registry registry = registry(CredentialSource.NONE)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .isInstanceOfSatisfying(
              RegistryException.class,
              e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.UNAUTHORIZED))
          .hasMessage(
              "%1$s has no image %1$s/app:latest, or wants credentials for it: who are you? (msb registry login %1$s)"
                  .formatted(server.host()));
    }
  }

  @Test
  void credentialsThatAreRefusedAreNotShown() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(401, "{\"details\":\"incorrect\\nuser\"}"));
    try (Registry registry = registry(ANN)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessage(
              "%1$s does not accept the credentials there are for image %1$s/app:latest: incorrect\\nuser (msb registry login %1$s)"
                  .formatted(server.host()))
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void aServerThatRepeatsASecretIsNotRepeated() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(401, "{\"details\":\"secret is wrong\"}"));
    try (Registry registry = registry(ANN)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessageNotContaining("secret");
    }
    server.on("/token", WebServer.status(403, "who is long+lived?"));
    try (Registry registry =
        registry(name -> Optional.of(new Credentials.IdentityToken("long+lived")))) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessageNotContaining("lived");
    }
    server.on("/token", WebServer.status(200, "{\"token\":\"othertok\"}"));
    server.on(
        "/v2/app/manifests/latest",
        WebServer.status(401, "", "WWW-Authenticate", bearer()),
        WebServer.status(403, "what is othertok?"));
    try (Registry registry = registry(ANN)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessageContaining(" denies image")
          .hasMessageNotContaining("othertok");
    }
  }

  @Test
  void aHelperThatFailsIsTheReasonOnlyIfCredentialsAreNeeded() throws Exception {
    CredentialSource broken =
        name -> {
          throw new ImageException("docker-credential-x is gone");
        };
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(200, "{\"token\":\"tok\"}"), WebServer.status(401, "{}"));
    try (Registry registry = registry(broken)) {
      registry.image(server.image("app"), AMD64);
      time.pass(Duration.ofHours(1));
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessageContaining("wants credentials for it; docker-credential-x is gone (msb");
    }
  }

  @Test
  void anEndlessTokenIsCutOff() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.endless("{\"token\":\""));
    try (Registry registry = registry(CredentialSource.NONE)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessage("the token server of " + server.host() + " sends more than 65536 bytes");
    }
  }

  @Test
  void aTokenThatWouldBreakTheHeaderIsRefusedAndNotShown() throws Exception {
    guard("Bearer tok", bearer());
    server.on("/token", WebServer.status(200, "{\"token\":\"hunter2\\r\\nX: y\"}"));
    try (Registry registry = registry(CredentialSource.NONE)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessageContaining("has a token that is none")
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void aTokenServerThatIsNoneIsNamed() throws Exception {
    for (String realm : new String[] {"file:///etc/passwd", "nonsense", "http://a b/", "https:x"}) {
      guard("Bearer tok", "Bearer realm=\"" + realm + "\"");
      try (Registry registry = registry(ANN)) {
        assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
            .hasMessage(server.host() + " names a token server whose address is none");
      }
    }
    guard("Bearer tok", "Digest realm=\"x\"");
    try (Registry registry = registry(ANN)) {
      assertThatThrownBy(() -> registry.image(server.image("app"), AMD64))
          .hasMessage(server.host() + " wants credentials in a way that msb does not know");
    }
  }

  @Test
  void anotherHostDoesNotGetTheCredentials() throws Exception {
    guard(BASIC, "Basic realm=\"here\"");
    try (WebServer other = new WebServer();
        Registry registry = registry(ANN)) {
      String path = "/v2/app/blobs/" + Digest.of(image.config);
      other.on("/elsewhere", WebServer.status(200, image.config));
      server.on(
          path,
          guarded(
              BASIC,
              "Basic",
              WebServer.status(307, "", "Location", other.address() + "/elsewhere?signed")));
      registry.image(server.image("app"), AMD64);
      assertThat(other.seen())
          .singleElement()
          .satisfies(seen -> assertThat(seen.header("Authorization")).isEmpty());
    }
  }

  @Test
  void theSameHostGetsTheCredentialsAgain() throws Exception {
    guard(BASIC, "Basic realm=\"here\"");
    server.on(
        "/v2/app/blobs/" + Digest.of(image.config), WebServer.status(302, "", "Location", "/x"));
    server.on("/x", guarded(BASIC, "Basic", WebServer.status(200, image.config)));
    try (Registry registry = registry(ANN)) {
      assertThat(registry.image(server.image("app"), AMD64).configBytes()).isEqualTo(image.config);
    }
  }

  @Test
  void aLoginIsTried() throws Exception {
    server.on("/v2/", guarded(BASIC, "Basic realm=\"here\"", WebServer.status(200, "{}")));
    try (Registry registry = registry(CredentialSource.NONE)) {
      registry.verify(server.host(), new Credentials.Password("ann", "secret"));
      assertThatThrownBy(
              () -> registry.verify(server.host(), new Credentials.Password("ann", "wrong")))
          .hasMessageStartingWith(
              server.host() + " does not accept the credentials there are for a login")
          .hasMessageNotContaining("wrong");
    }
  }
}
