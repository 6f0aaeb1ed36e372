package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One request at a time and its redirects, over the JDK's client. For use by any thread.
///
/// HTTP/1.1 only: each download has its connection, so one that stalls does not hold up the others,
/// and the plain-text upgrade to HTTP/2 that the client would try confuses some registries.
final class Http implements AutoCloseable {
  private static final int MOST_REDIRECTS = 10;

  private final RegistryOptions options;
  private final EnvironmentProxies proxies;
  private final HttpClient checked;
  private final HttpClient unchecked;

  /// A request.
  ///
  /// @param address where it goes first
  /// @param headers all but the following
  /// @param authorization goes to the origin of the first address only; may be empty
  /// @param form body of a POST, its secret last; empty for a GET
  /// @param insecure whether certificates are not looked at, and redirects to plain http followed
  record Call(
      String method,
      URI address,
      Map<String, String> headers,
      String authorization,
      String form,
      boolean insecure) {
    /// The secrets in it, as they are sent and as they were.
    List<String> secrets() {
      List<String> secrets = new ArrayList<>();
      String sent = authorization.substring(authorization.indexOf(' ') + 1);
      secrets.add(sent);
      if (authorization.startsWith("Basic ")) {
        String both = new String(Base64.getDecoder().decode(sent), StandardCharsets.UTF_8);
        secrets.add(both.substring(both.indexOf(':') + 1));
      }
      String token = form.substring(form.lastIndexOf('=') + 1);
      secrets.add(token);
      secrets.add(URLDecoder.decode(token, StandardCharsets.UTF_8));
      secrets.removeIf(String::isEmpty);
      return secrets;
    }

    /// It may hold secrets.
    @Override
    public String toString() {
      return method;
    }
  }

  /// @throws ImageException if the CA file or a proxy of the options cannot be used
  Http(RegistryOptions options) throws ImageException {
    this.options = options;
    proxies = new EnvironmentProxies(options.environment());
    proxies.check();
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            // by hand, because the client would take the credentials along
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(options.connectTimeout())
            .proxy(proxies);
    checked = builder.sslContext(Trust.withAuthorities(options.caFile())).build();
    unchecked = builder.sslContext(Trust.withAnyone()).build();
  }

  /// Sends it, and follows redirects. The answer, which may be an error, is to be closed.
  ///
  /// @throws RegistryException if there is no answer
  Response send(Call call) throws RegistryException, InterruptedException {
    URI address = call.address();
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      Response response = sendOnce(call, address);
      switch (response.status()) {
        case 301, 302, 303, 307, 308 -> {
          try (response) {
            address = target(call, address, response);
          }
        }
        default -> {
          return response;
        }
      }
    }
    throw Failures.invalid(host(call.address()) + " redirects without end");
  }

  private Response sendOnce(Call call, URI address) throws RegistryException, InterruptedException {
    HttpRequest.Builder request;
    try {
      request = HttpRequest.newBuilder(address);
    } catch (IllegalArgumentException e) {
      throw Failures.invalid(
          host(call.address())
              + " names an address that cannot be used: "
              + OneLine.of(address.toString(), 100));
    }
    call.headers().forEach(request::setHeader);
    request.setHeader("Accept-Encoding", "identity");
    request.setHeader("User-Agent", "msb");
    request.timeout(options.stallTimeout()); // until the headers are there
    if (!call.authorization().isEmpty() && isSameOrigin(call.address(), address)) {
      request.setHeader("Authorization", call.authorization());
    }
    Optional<String> proxy = proxies.authorization(address);
    proxy.ifPresent(value -> request.setHeader("Proxy-Authorization", value));
    if (call.form().isEmpty()) {
      request.method(call.method(), HttpRequest.BodyPublishers.noBody());
    } else {
      request.setHeader("Content-Type", "application/x-www-form-urlencoded");
      request.method(call.method(), HttpRequest.BodyPublishers.ofString(call.form()));
    }
    try {
      HttpResponse<Body> response =
          (call.insecure() ? unchecked : checked).send(request.build(), info -> new Body());
      return new Response(response, options.stallTimeout(), call.secrets());
    } catch (IOException e) {
      throw Failures.io(host(address), e);
    }
  }

  private static URI target(Call call, URI from, Response response) throws RegistryException {
    String host = host(from);
    String location = response.header("Location").orElse("");
    URI to;
    try {
      to = from.resolve(new URI(location));
    } catch (java.net.URISyntaxException e) {
      throw Failures.invalid(host + " redirects to what is no address");
    }
    boolean web =
        "https".equalsIgnoreCase(to.getScheme()) || "http".equalsIgnoreCase(to.getScheme());
    if (location.isEmpty() || !web || to.getHost() == null) {
      throw Failures.invalid(host + " redirects to what is no web address");
    }
    if (from.getScheme().equalsIgnoreCase("https")
        && to.getScheme().equalsIgnoreCase("http")
        && !call.insecure()) {
      throw Failures.invalid(
          host + " redirects from https to plain http at " + to.getHost() + ", which is not safe");
    }
    if (!call.form().isEmpty()) {
      // the form holds a secret
      throw Failures.invalid(host + " redirects a login, which msb does not follow");
    }
    return to;
  }

  /// Host and port of an address, for messages: its path may be signed and be a secret.
  static String host(URI address) {
    return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
  }

  private static boolean isSameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("http") ? 80 : 443;
  }

  /// Ends all requests; those who wait for one get an error.
  @Override
  public void close() {
    checked.shutdownNow();
    unchecked.shutdownNow();
  }
}
