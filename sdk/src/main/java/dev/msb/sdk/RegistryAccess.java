package dev.msb.sdk;

import dev.msb.image.Reference;
import dev.msb.image.RegistryOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// How registries are reached, over what `images.properties` in msb's home says. The methods give
/// changed copies, and check what they are given:
///
/// ```
/// RegistryAccess.defaults().caFile(Path.of("/etc/ssl/company.pem")).maxRetries(1)
/// ```
///
/// May be used by several threads and for many calls.
public final class RegistryAccess {
  private static final RegistryAccess DEFAULTS = new RegistryAccess((options, registry) -> {});

  /// What is changed in the options.
  @FunctionalInterface
  private interface Change {
    void apply(RegistryOptions.Builder options, String registry);
  }

  private final Change change;

  private RegistryAccess(Change change) {
    this.change = change;
  }

  /// What `images.properties` says, and where that says nothing: certificates that the JDK trusts,
  /// 10 s for a connection, 30 s without a byte, 4 further tries, the proxies of the environment.
  public static RegistryAccess defaults() {
    return DEFAULTS;
  }

  /// Takes any certificate of the registry that the image comes from, or that the login is for, and
  /// goes on over plain http if https fails. Registries on this host (`localhost`, 127.0.0.0/8,
  /// `[::1]`) are always reached so.
  public RegistryAccess insecure() {
    return with((options, registry) -> options.insecure(registry));
  }

  /// Asks that registry over plain http at once.
  public RegistryAccess plainHttp() {
    return with((options, registry) -> options.plainHttp(registry));
  }

  /// Trusts the certificates in this PEM file, too. The file is read by the call that connects.
  public RegistryAccess caFile(Path pem) {
    return with((options, registry) -> options.caFile(pem));
  }

  /// Asks a mirror before a registry, after the mirrors named before.
  ///
  /// @param registry `HOST` or `HOST:PORT`; `docker.io` for Docker's
  /// @param address `https://HOST[:PORT][/PATH]` or `http://...`; without a scheme it is https
  /// @throws IllegalArgumentException if either is anything else
  public RegistryAccess mirror(String registry, String address) {
    return with((options, asked) -> options.mirror(registry, address));
  }

  /// How long one try of a connection may take.
  ///
  /// @throws IllegalArgumentException if it is not positive
  public RegistryAccess connectTimeout(Duration timeout) {
    return with((options, registry) -> options.connectTimeout(timeout));
  }

  /// How long no byte may come before a connection counts as broken.
  ///
  /// @throws IllegalArgumentException if it is not positive
  public RegistryAccess stallTimeout(Duration timeout) {
    return with((options, registry) -> options.stallTimeout(timeout));
  }

  /// Further tries after a failure that may pass. Mirrors get none.
  ///
  /// @throws IllegalArgumentException if it is not 0 to 100
  public RegistryAccess maxRetries(int count) {
    return with((options, registry) -> options.maxRetries(count));
  }

  /// Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up, instead of this process's
  /// environment.
  public RegistryAccess environment(Map<String, String> variables) {
    Map<String, String> copy = Map.copyOf(variables);
    return with((options, registry) -> options.environment(copy));
  }

  private RegistryAccess with(Change more) {
    more.apply(RegistryOptions.builder(), Reference.DEFAULT_REGISTRY); // checks the values
    return new RegistryAccess((options, registry) -> {
      change.apply(options, registry);
      more.apply(options, registry);
    });
  }

  /// Changes the options for a call that asks this registry.
  void applyTo(RegistryOptions.Builder options, String registry) {
    change.apply(options, registry);
  }
}
