package dev.msb.image;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Finds what one registry, or one mirror, wants to see in `Authorization`, and remembers it.
///
/// ```
///   us:       GET /v2/library/alpine/manifests/latest
///   registry: 401, WWW-Authenticate: Bearer realm=ADDRESS,service=NAME,scope=WHAT     or: Basic
///   us:       GET ADDRESS?service=NAME&scope=WHAT          with the password, if there is one
///             POST ADDRESS, grant_type=refresh_token       with an identity token
///   its token server: {"token": TOKEN, "expires_in": SECONDS}
///   us:       the first request again, Authorization: Bearer TOKEN
/// ```
///
/// For use by any thread; one asks for a token while the others wait for it.
final class Authorizer {
  private static final int LARGEST_TOKEN_BYTES = 64 * 1024;
  private static final Duration SHORTEST_LIFE = Duration.ofSeconds(60); // as Docker has it
  private static final Duration LONGEST_LIFE = Duration.ofDays(1);
  private static final Duration MARGIN = Duration.ofSeconds(10);

  private record Known(String header, Instant end) {
    @Override
    public String toString() {
      return "Known[...]";
    }
  }

  private final String registry;
  private final Http http;
  private final CredentialSource source;
  private final InstantSource clock;
  private final boolean insecure;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final ReentrantLock asking = new ReentrantLock();

  Authorizer(
      String registry, Http http, CredentialSource source, InstantSource clock, boolean insecure) {
    this.registry = registry;
    this.http = http;
    this.source = source;
    this.clock = clock;
    this.insecure = insecure;
  }

  /// What is known to be wanted for a scope; empty if nothing is.
  String known(String scope) {
    Known header = known.get(scope);
    return header != null && clock.instant().isBefore(header.end()) ? header.header() : "";
  }

  /// Answers a 401.
  ///
  /// @param what was asked for
  /// @param refused what `Authorization` was
  /// @return the new `Authorization`
  /// @throws RegistryException if the registry cannot be satisfied
  String answer(Response response, URI address, String scope, String refused, String what)
      throws RegistryException, InterruptedException {
    asking.lockInterruptibly();
    try {
      String fresh = known(scope);
      if (!fresh.isEmpty() && !fresh.equals(refused)) {
        return fresh; // another thread has been here
      }
      known.remove(scope);
      List<Challenge> challenges = Challenge.parse(response.headers("WWW-Authenticate"));
      Known header = header(challenges, response, address, scope, what);
      known.put(scope, header);
      return header.header();
    } finally {
      asking.unlock();
    }
  }

  private Known header(
      List<Challenge> challenges, Response response, URI address, String scope, String what)
      throws RegistryException, InterruptedException {
    Optional<Credentials> credentials;
    String trouble = "";
    try {
      credentials = source.find(registry);
    } catch (RegistryException e) {
      throw e;
    } catch (ImageException e) {
      // most images are to be had without; if this one is not, this is why
      credentials = Optional.empty();
      trouble = "; " + e.getMessage();
    }
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("bearer") && !challenge.parameter("realm").isEmpty()) {
        return token(challenge, address, scope, credentials, what, trouble);
      }
    }
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("basic")) {
        if (credentials.orElse(null) instanceof Credentials.Password password) {
          return new Known("Basic " + AuthEntries.encode(password), Instant.MAX);
        }
        throw refusal(response.reason(), what, false, trouble);
      }
    }
    throw Failures.invalid(registry + " wants credentials in a way that msb does not know");
  }

  /// What credentials that did not do are reported as.
  ///
  /// @param reason what the registry says
  /// @param given whether there were some
  RegistryException refusal(String reason, String what, boolean given, String trouble) {
    return RegistryException.lasting(
        RegistryException.Kind.UNAUTHORIZED,
        (given
                ? registry + " does not accept the credentials there are for " + what
                : registry + " has no " + what + ", or wants credentials for it")
            + reason
            + trouble
            + " ("
            + Failures.loginTo(registry)
            + ")");
  }

  private Known token(
      Challenge challenge,
      URI address,
      String scope,
      Optional<Credentials> credentials,
      String what,
      String trouble)
      throws RegistryException, InterruptedException {
    URI realm = realm(challenge.parameter("realm"), address);
    String asked = challenge.parameter("scope").isEmpty() ? scope : challenge.parameter("scope");
    String query = parameter("service", challenge.parameter("service")) + parameter("scope", asked);
    // one on the same host is reached as the registry is; another has to prove who it is
    boolean asRegistry = insecure && realm.getHost().equalsIgnoreCase(address.getHost());
    Http.Call call =
        switch (credentials.orElse(null)) {
          case Credentials.IdentityToken identity ->
              new Http.Call(
                  "POST",
                  realm,
                  Map.of(),
                  "",
                  "grant_type=refresh_token&client_id=msb"
                      + query
                      + parameter("refresh_token", identity.token()),
                  asRegistry);
          case Credentials.Password password ->
              get(realm, query, "Basic " + AuthEntries.encode(password), asRegistry);
          case null -> get(realm, query, "", asRegistry);
        };
    try (Response response = http.send(call)) {
      if (response.status() == 400 || response.status() == 401 || response.status() == 403) {
        throw refusal(response.reason(), what, credentials.isPresent(), trouble);
      }
      if (response.status() != 200) {
        throw Failures.status(
            response,
            "the token server of " + registry,
            registry,
            "token for " + what,
            clock.instant());
      }
      return read(response);
    }
  }

  private static Http.Call get(URI realm, String query, String authorization, boolean insecure)
      throws RegistryException {
    String text = realm.toString();
    String mark = realm.getRawQuery() == null ? "?" : "&";
    String rest = query.isEmpty() ? "" : mark + query.substring(1);
    return new Http.Call("GET", URI.create(text + rest), Map.of(), authorization, "", insecure);
  }

  private Known read(Response response) throws RegistryException, InterruptedException {
    String server = "the token server of " + registry;
    byte[] body;
    try {
      body = response.read(LARGEST_TOKEN_BYTES);
    } catch (IOException e) {
      throw Failures.io(server, e);
    }
    if (body.length > LARGEST_TOKEN_BYTES) {
      throw Failures.invalid(server + " sends more than " + LARGEST_TOKEN_BYTES + " bytes");
    }
    if (response.isHtml()) {
      throw Failures.html(server);
    }
    try {
      JsonObject json = JsonObject.parse(body, "the answer of " + server);
      String token =
          json.string("token")
              .filter(text -> !text.isEmpty())
              .or(() -> accessToken(json))
              .orElseThrow(() -> json.lacks("token"));
      if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        throw new ImageException("the answer of " + server + " has a token that is none");
      }
      long seconds =
          Math.clamp(
              json.number("expires_in").orElse(0),
              SHORTEST_LIFE.toSeconds(),
              LONGEST_LIFE.toSeconds());
      Instant end = clock.instant().plusSeconds(seconds).minus(MARGIN);
      return new Known("Bearer " + token, end);
    } catch (RegistryException e) {
      throw e;
    } catch (ImageException e) {
      throw Failures.invalid(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> accessToken(JsonObject json) {
    try {
      return json.string("access_token").filter(text -> !text.isEmpty());
    } catch (ImageException e) {
      return Optional.empty();
    }
  }

  private URI realm(String text, URI address) throws RegistryException {
    URI realm;
    try {
      realm = new URI(text);
    } catch (java.net.URISyntaxException e) {
      throw Failures.invalid(registry + " names a token server whose address is none");
    }
    boolean https = "https".equals(realm.getScheme());
    boolean http = "http".equals(realm.getScheme());
    if ((!https && !http) || realm.getHost() == null || realm.getRawFragment() != null) {
      throw Failures.invalid(registry + " names a token server whose address is none");
    }
    if (http && !address.getScheme().equals("http")) {
      throw Failures.invalid(
          registry + " names a token server that is reached over plain http, which is not safe");
    }
    return realm;
  }

  private static String parameter(String name, String value) {
    return value.isEmpty()
        ? ""
        : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
