package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of an image in a registry, as Docker and the OCI write it:
/// `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`.
///
/// The registry is `docker.io` if none is written, and one-word repositories of `docker.io` are in
/// `library/`. Without a tag and a digest the tag is `latest`. With both, the digest says which
/// image is meant, and the tag is for people.
///
/// @param registry `HOST` or `HOST:PORT`; the host is a name, an IPv4 address or an IPv6 address in
///   brackets
/// @param repository components in lower case, parted by `/`; at most 255 characters
/// @param tag at most 128 characters
/// @param digest of the manifest or the index
public record Reference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
  /// The registry of names that name none.
  public static final String DEFAULT_REGISTRY = "docker.io";

  private static final String DEFAULT_TAG = "latest";
  private static final String OFFICIAL = "library/";
  private static final int LONGEST_REPOSITORY = 255;
  private static final int LONGEST_REGISTRY = 255;
  private static final int LONGEST_TAG = 128;
  // all parts at their longest, and the marks between them
  private static final int LONGEST = 720;

  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[a-fA-F0-9:]+\\])(?::([0-9]{1,5}))?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9_.-]*");
  private static final Pattern HEX_64 = Pattern.compile("[a-f0-9]{64}");

  /// Checks the parts.
  ///
  /// @throws IllegalArgumentException if one of them breaks the grammar; the message is one line
  public Reference {
    checkRegistry(registry);
    checkRepository(repository);
    tag.ifPresent(Reference::checkTag);
    Objects.requireNonNull(digest);
  }

  /// Reads what a user wrote.
  ///
  /// @throws IllegalArgumentException if it is no reference; the message is one line that says why
  public static Reference parse(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "an image reference of " + text.length() + " characters, more than " + LONGEST);
    }
    try {
      return parseParts(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "\"" + OneLine.of(text, 100) + "\" is no image reference: " + e.getMessage(), e);
    }
  }

  private static Reference parseParts(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("it is empty");
    }
    if (HEX_64.matcher(text).matches()) {
      throw new IllegalArgumentException("it is the id of an image, not a name");
    }
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(digest(rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(rest.substring(colon + 1));
      rest = rest.substring(0, colon);
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of(DEFAULT_TAG);
    }
    int slash = rest.indexOf('/');
    String registry = DEFAULT_REGISTRY;
    if (slash >= 0 && isRegistry(rest.substring(0, slash))) {
      registry = rest.substring(0, slash);
      rest = rest.substring(slash + 1);
      if (registry.equals("index.docker.io")) {
        registry = DEFAULT_REGISTRY;
      }
    }
    if (registry.equals(DEFAULT_REGISTRY) && rest.indexOf('/') < 0) {
      rest = OFFICIAL + rest;
    }
    return new Reference(registry, rest, tag, digest);
  }

  // `a/b` is a repository, `a.b/c`, `a:1/b`, `localhost/a` and `A/b` start with a registry
  private static boolean isRegistry(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.equals(first.toLowerCase(Locale.ROOT));
  }

  /// This with a digest, which from then on says which image is meant.
  public Reference withDigest(Digest of) {
    return new Reference(registry, repository, tag, Optional.of(of));
  }

  /// As people write it: without `docker.io/` and `library/`.
  public String familiar() {
    if (!registry.equals(DEFAULT_REGISTRY)) {
      return toString();
    }
    String shorter =
        repository.startsWith(OFFICIAL) && repository.indexOf('/', OFFICIAL.length()) < 0
            ? repository.substring(OFFICIAL.length())
            : repository;
    return shorter + suffix();
  }

  /// All of it, also what is the default.
  @Override
  public String toString() {
    return registry + "/" + repository + suffix();
  }

  private String suffix() {
    return tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
  }

  /// The registry that a user means, as in a login: without `https://` and a trailing slash or API
  /// version, and `docker.io` under all its names.
  ///
  /// @throws IllegalArgumentException if it is no `HOST` or `HOST:PORT`
  public static String registryOf(String text) {
    String host = text;
    if (host.startsWith("https://")) {
      host = host.substring("https://".length());
    } else if (host.startsWith("http://")) {
      host = host.substring("http://".length());
    }
    for (String end : new String[] {"/", "/v1", "/v2"}) {
      if (host.endsWith(end)) {
        host = host.substring(0, host.length() - end.length());
      }
    }
    switch (host) {
      case "index.docker.io", "registry-1.docker.io" -> host = DEFAULT_REGISTRY;
      default -> checkRegistry(host);
    }
    return host;
  }

  private static void checkRegistry(String registry) {
    Matcher matcher = REGISTRY.matcher(registry);
    if (registry.length() > LONGEST_REGISTRY || !matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + OneLine.of(registry, 80) + "\" is no registry, HOST or HOST:PORT");
    }
    String port = matcher.group(1);
    if (port != null && (Integer.parseInt(port) == 0 || Integer.parseInt(port) > 65535)) {
      throw new IllegalArgumentException("port " + port + " is not 1 to 65535");
    }
  }

  private static void checkRepository(String repository) {
    if (repository.length() > LONGEST_REPOSITORY) {
      throw new IllegalArgumentException(
          "its repository has "
              + repository.length()
              + " characters, more than "
              + LONGEST_REPOSITORY);
    }
    if (REPOSITORY.matcher(repository).matches()) {
      return;
    }
    String shown = OneLine.of(repository, 80);
    if (REPOSITORY.matcher(repository.toLowerCase(Locale.ROOT)).matches()) {
      throw new IllegalArgumentException("repository \"" + shown + "\" is not in lower case");
    }
    throw new IllegalArgumentException(
        "repository \""
            + shown
            + "\" is not made of a-z and 0-9, with single '.', '_', '__', '-' and '/' between");
  }

  private static void checkTag(String tag) {
    if (tag.length() > LONGEST_TAG) {
      throw new IllegalArgumentException(
          "its tag has " + tag.length() + " characters, more than " + LONGEST_TAG);
    }
    if (!TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          "tag \""
              + OneLine.of(tag, 80)
              + "\" is not made of letters, digits, '_', '.' and '-', the first no '.' or '-'");
    }
  }

  private static Digest digest(String text) {
    if (!text.startsWith("sha256:")) {
      throw new IllegalArgumentException("its digest is not sha256:HEX, the only kind msb reads");
    }
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("its digest is not sha256: and 64 digits of 0-9, a-f", e);
    }
  }
}
