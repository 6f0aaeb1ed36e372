package dev.msb.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The proxies that `HTTPS_PROXY` and `HTTP_PROXY` name (in capitals or not), but for the hosts in
/// `NO_PROXY` and those that are this host: the rules of Go's programs, which registries' users
/// know.
final class EnvironmentProxies extends ProxySelector {
  private final Map<String, String> environment;

  EnvironmentProxies(Map<String, String> environment) {
    this.environment = environment;
  }

  /// Fails if a proxy is named that cannot be used, so that nothing goes past it.
  ///
  /// @throws ImageException with the name of the variable, not with its value, as that may hold a
  ///   password
  void check() throws ImageException {
    for (String name : List.of("HTTPS_PROXY", "HTTP_PROXY")) {
      String value = variable(name);
      if (!value.isEmpty() && address(value).isEmpty()) {
        throw new ImageException(name + " is not [http://][USER:PASSWORD@]HOST[:PORT]");
      }
    }
  }

  @Override
  public List<Proxy> select(URI uri) {
    Optional<URI> proxy = proxy(uri);
    if (proxy.isEmpty()) {
      return List.of(Proxy.NO_PROXY);
    }
    int port = proxy.get().getPort() < 0 ? 80 : proxy.get().getPort();
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.get().getHost(), port)));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {
    // the request fails, and that is reported
  }

  /// The value of `Proxy-Authorization` for the proxy of this address; empty if it needs none.
  Optional<String> authorization(URI uri) {
    return proxy(uri)
        .map(URI::getUserInfo)
        .map(user ->
            "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
  }

  private Optional<URI> proxy(URI uri) {
    String host = uri.getHost();
    int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("http") ? 80 : 443;
    if (isThisHost(host) || isExempt(host.toLowerCase(Locale.ROOT), port)) {
      return Optional.empty();
    }
    return address(variable(uri.getScheme().equals("http") ? "HTTP_PROXY" : "HTTPS_PROXY"));
  }

  /// Whether a host is this one by its name.
  static boolean isThisHost(String host) {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.equals("::1")
        || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  private boolean isExempt(String host, int port) {
    String plain = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    for (String element : variable("NO_PROXY").split(",", -1)) {
      String rule = element.strip().toLowerCase(Locale.ROOT);
      int colon = rule.lastIndexOf(':');
      if (colon > 0 && colon == rule.indexOf(':')) {
        if (!rule.substring(colon + 1).equals(Integer.toString(port))) {
          continue;
        }
        rule = rule.substring(0, colon);
      }
      if (rule.equals("*") || (!rule.isEmpty() && matches(plain, rule))) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String host, String rule) {
    int slash = rule.indexOf('/');
    if (slash > 0) {
      return isInNetwork(host, rule.substring(0, slash), rule.substring(slash + 1));
    }
    // `example.org` is meant with all below it, `.example.org` and `*.example.org` without itself
    String name = rule.startsWith("*.") ? rule.substring(1) : rule;
    return name.startsWith(".")
        ? host.endsWith(name)
        : host.equals(name) || host.endsWith("." + name);
  }

  private static boolean isInNetwork(String host, String network, String bits) {
    try {
      byte[] address = InetAddress.ofLiteral(host).getAddress();
      byte[] prefix = InetAddress.ofLiteral(network).getAddress();
      int length = Integer.parseInt(bits);
      if (address.length != prefix.length || length < 0 || length > 8 * prefix.length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        int bit = 0x80 >> (i % 8);
        if ((address[i / 8] & bit) != (prefix[i / 8] & bit)) {
          return false;
        }
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false; // a name, which is in no network, or a rule that is none
    }
  }

  private String variable(String name) {
    String value = environment.getOrDefault(name, "");
    return value.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : value;
  }

  private static Optional<URI> address(String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      return "http".equals(uri.getScheme()) && uri.getHost() != null
          ? Optional.of(uri)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
