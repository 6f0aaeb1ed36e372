package dev.msb.image;

import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Knows where each registry is asked: its mirrors, then itself. For use by any thread.
final class Endpoints {
  private static final String DOCKER_ENDPOINT = "registry-1.docker.io";

  private final RegistryOptions options;
  private final Http http;
  private final CredentialSource credentials;
  private final InstantSource clock;
  private final Map<String, List<Endpoint>> known = new ConcurrentHashMap<>();

  Endpoints(RegistryOptions options, Http http, CredentialSource credentials, InstantSource clock) {
    this.options = options;
    this.http = http;
    this.credentials = credentials;
    this.clock = clock;
  }

  /// What is done with one of them.
  interface Use<T> {
    T of(Endpoint endpoint) throws ImageException, InterruptedException;
  }

  /// Asks the mirrors, then the registry itself, which has the last word.
  ///
  /// @throws ImageException from the registry itself; those from mirrors are suppressed in it
  <T> T firstOf(String registry, Use<T> use) throws ImageException, InterruptedException {
    List<ImageException> failures = new ArrayList<>();
    for (Endpoint endpoint : known.computeIfAbsent(registry, this::endpoints)) {
      try {
        return use.of(endpoint);
      } catch (ImageException e) {
        failures.add(e);
      }
    }
    ImageException last = failures.removeLast();
    failures.forEach(last::addSuppressed);
    throw last;
  }

  private List<Endpoint> endpoints(String registry) {
    List<Endpoint> list = new ArrayList<>();
    for (URI mirror : options.mirrors().getOrDefault(registry, List.of())) {
      String address = mirror.toString();
      URI base = URI.create(address + (address.endsWith("/") ? "v2/" : "/v2/"));
      boolean insecure = mirror.getScheme().equals("http") || isInsecure(Http.host(mirror));
      list.add(endpoint(Http.host(mirror), base, Optional.empty(), insecure, 0, credentials));
    }
    list.add(itself(registry, credentials));
    return List.copyOf(list);
  }

  /// The registry, without its mirrors.
  Endpoint itself(String registry, CredentialSource source) {
    String host = registry.equals(Reference.DEFAULT_REGISTRY) ? DOCKER_ENDPOINT : registry;
    URI https = URI.create("https://" + host + "/v2/");
    URI plain = URI.create("http://" + host + "/v2/");
    int tries = options.maxRetries();
    if (options.plainHttp().contains(registry)) {
      return endpoint(registry, plain, Optional.empty(), true, tries, source);
    }
    return isInsecure(registry)
        ? endpoint(registry, https, Optional.of(plain), true, tries, source)
        : endpoint(registry, https, Optional.empty(), false, tries, source);
  }

  private Endpoint endpoint(
      String name,
      URI first,
      Optional<URI> second,
      boolean insecure,
      int maxRetries,
      CredentialSource source) {
    return new Endpoint(name, first, second, insecure, maxRetries, http, source, clock);
  }

  private boolean isInsecure(String registry) {
    return options.insecure().contains(registry)
        || EnvironmentProxies.isThisHost(registry.replaceFirst(":\\d+$", ""));
  }
}
