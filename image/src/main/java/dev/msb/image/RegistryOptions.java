package dev.msb.image;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How registries are reached.
///
/// @param insecure registries that are asked over https without a look at their certificate, and
///   over plain http if that fails. Those on this host (`localhost`, 127.0.0.0/8, `[::1]`) always
///   are, as with Docker
/// @param plainHttp registries that are asked over plain http at once
/// @param caFile certificates in PEM to be trusted besides the JDK's own
/// @param mirrors for a registry, what is asked before it, in this order
/// @param connectTimeout for one try
/// @param stallTimeout how long no byte may come before the connection counts as broken
/// @param maxRetries further tries after a failure that may pass; mirrors get none. A download's
///   count starts anew with each MiB that it gains
/// @param environment where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up, in capitals
///   or not. A proxy's password gets through to a registry with https only if Java runs with
///   `-Djdk.http.auth.tunneling.disabledSchemes=`, as it keeps such from proxies by default
public record RegistryOptions(
    Set<String> insecure,
    Set<String> plainHttp,
    Optional<Path> caFile,
    Map<String, List<URI>> mirrors,
    Duration connectTimeout,
    Duration stallTimeout,
    int maxRetries,
    Map<String, String> environment) {

  /// Copies the collections.
  public RegistryOptions {
    insecure = Set.copyOf(insecure);
    plainHttp = Set.copyOf(plainHttp);
    mirrors = Map.copyOf(mirrors);
    environment = Map.copyOf(environment);
  }

  /// What holds if nobody says otherwise, with the environment of this process.
  public static RegistryOptions defaults() {
    return builder().build();
  }

  /// Starts from the defaults.
  public static Builder builder() {
    return new Builder();
  }

  /// Proxies may have a password in their address.
  @Override
  public String toString() {
    return "RegistryOptions[...]";
  }

  /// Options, until [#build]. Not for use by several threads.
  public static final class Builder {
    private static final int MOST_RETRIES = 100;

    private final Set<String> insecure = new HashSet<>();
    private final Set<String> plainHttp = new HashSet<>();
    private Optional<Path> caFile = Optional.empty();
    private final Map<String, List<URI>> mirrors = new HashMap<>();
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration stallTimeout = Duration.ofSeconds(30);
    private int maxRetries = 4;
    private Map<String, String> environment = System.getenv();

    private Builder() {}

    /// Asks a registry without a look at its certificate, and over plain http if that fails.
    ///
    /// @throws IllegalArgumentException if it is no `HOST` or `HOST:PORT`
    public Builder insecure(String registry) {
      insecure.add(Reference.registryOf(registry));
      return this;
    }

    /// Asks a registry over plain http.
    ///
    /// @throws IllegalArgumentException if it is no `HOST` or `HOST:PORT`
    public Builder plainHttp(String registry) {
      plainHttp.add(Reference.registryOf(registry));
      return this;
    }

    /// Trusts the certificates of a PEM file, too.
    public Builder caFile(Path pem) {
      caFile = Optional.of(pem);
      return this;
    }

    /// Asks a mirror before a registry, after the mirrors named before.
    ///
    /// @param registry `HOST` or `HOST:PORT`
    /// @param address `https://HOST[:PORT][/PATH]` or `http://...`; without a scheme it is https
    /// @throws IllegalArgumentException if either is anything else
    public Builder mirror(String registry, String address) {
      String full = address.contains("://") ? address : "https://" + address;
      URI uri = URI.create(full);
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (!web || uri.getHost() == null || uri.getRawUserInfo() != null) {
        throw new IllegalArgumentException(
            "a mirror's address is not https://HOST[:PORT][/PATH] or http://...");
      }
      mirrors.computeIfAbsent(Reference.registryOf(registry), name -> new ArrayList<>()).add(uri);
      return this;
    }

    /// How long a connection may take to come about; 10 s if not called.
    public Builder connectTimeout(Duration timeout) {
      connectTimeout = positive(timeout);
      return this;
    }

    /// How long no byte may come; 30 s if not called.
    public Builder stallTimeout(Duration timeout) {
      stallTimeout = positive(timeout);
      return this;
    }

    /// Further tries, 0 to 100; 4 if not called.
    public Builder maxRetries(int count) {
      if (count < 0 || count > MOST_RETRIES) {
        throw new IllegalArgumentException(count + " retries, not 0 to " + MOST_RETRIES);
      }
      maxRetries = count;
      return this;
    }

    /// Where proxies are looked up; the environment of this process if not called.
    public Builder environment(Map<String, String> variables) {
      environment = variables;
      return this;
    }

    /// The options as they are now.
    public RegistryOptions build() {
      Map<String, List<URI>> lists = new HashMap<>();
      mirrors.forEach((registry, list) -> lists.put(registry, List.copyOf(list)));
      return new RegistryOptions(
          insecure,
          plainHttp,
          caFile,
          lists,
          connectTimeout,
          stallTimeout,
          maxRetries,
          environment);
    }

    private static Duration positive(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("a timeout of " + timeout);
      }
      return timeout;
    }
  }
}
