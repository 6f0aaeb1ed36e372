package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// Turns what goes wrong with a registry into one line that says what, where, and what to do.
final class Failures {
  private Failures() {}

  /// A request that got no answer, or not all of it.
  ///
  /// @param host who was asked
  static RegistryException io(String host, IOException e) {
    RegistryException failure = io(host, (Throwable) e);
    failure.initCause(e);
    return failure;
  }

  private static RegistryException io(String host, Throwable e) {
    String cannot = "cannot reach " + host + ": ";
    if (has(e, UnresolvedAddressException.class) || has(e, UnknownHostException.class)) {
      return RegistryException.lasting(
          RegistryException.Kind.UNREACHABLE,
          cannot + "there is no host of that name (check the spelling, and the network)");
    }
    if (has(e, CertificateException.class)) {
      return RegistryException.lasting(
          RegistryException.Kind.UNTRUSTED,
          host
              + " has a certificate that is not trusted: "
              + message(e)
              + " (name the file of its CA with --ca, or pass --insecure)");
    }
    if (has(e, SSLException.class) && message(e).contains("unrecognized SSL message")) {
      return RegistryException.lasting(
          RegistryException.Kind.UNREACHABLE,
          cannot + "it does not speak https (pass --insecure if it is to be asked over http)");
    }
    if (has(e, SSLException.class)) {
      // also what a connection gives that breaks in the middle of a TLS record
      return unreachable(cannot + "TLS failed: " + message(e) + " (does it speak https?)");
    }
    if (has(e, HttpConnectTimeoutException.class)) {
      return unreachable(cannot + "no connection in time (check the network, and proxies)");
    }
    if (has(e, HttpTimeoutException.class)) {
      return unreachable(host + " stopped answering (check the network, and try again)");
    }
    if (has(e, ConnectException.class)) {
      String reason = message(e);
      return unreachable(
          cannot
              + (reason.isEmpty() ? "connection refused" : reason)
              + " (check its name and port, and the network)");
    }
    String reason = message(e);
    return unreachable(
        "the connection to "
            + host
            + " broke"
            + (reason.isEmpty() ? "" : ": " + reason)
            + " (check the network, and try again)");
  }

  private static RegistryException unreachable(String message) {
    return RegistryException.passing(RegistryException.Kind.UNREACHABLE, message, Optional.empty());
  }

  /// An answer that is an error.
  ///
  /// @param host who was asked
  /// @param login what to log in to
  /// @param what was asked for
  /// @param now for a `Retry-After` that is a date
  static RegistryException status(
      Response response, String host, String login, String what, Instant now)
      throws InterruptedException {
    int status = response.status();
    String reason = response.reason();
    return switch (status) {
      case 401 ->
          RegistryException.lasting(
              RegistryException.Kind.UNAUTHORIZED,
              host + " wants credentials for " + what + reason + " (" + loginTo(login) + ")");
      case 403 ->
          RegistryException.lasting(
              RegistryException.Kind.DENIED,
              host
                  + " denies "
                  + what
                  + reason
                  + " (log in as a user who may have it: "
                  + loginTo(login)
                  + ")");
      case 404 ->
          RegistryException.lasting(
              RegistryException.Kind.NOT_FOUND, host + " has no " + what + reason);
      case 407 ->
          RegistryException.lasting(
              RegistryException.Kind.UNREACHABLE,
              "the proxy before " + host + " wants credentials (put them in HTTPS_PROXY)");
      case 429 -> rateLimited(response, host, login, reason, now);
      default ->
          status >= 500
              ? RegistryException.passing(
                  RegistryException.Kind.UNAVAILABLE,
                  host + " fails with status " + status + reason + " (try again later)",
                  retryAfter(response, now))
              : RegistryException.lasting(
                  RegistryException.Kind.INVALID,
                  host + " answers with status " + status + " to " + what + reason);
    };
  }

  private static RegistryException rateLimited(
      Response response, String host, String login, String reason, Instant now) {
    Optional<Duration> wait = retryAfter(response, now);
    return RegistryException.passing(
        RegistryException.Kind.RATE_LIMITED,
        host
            + " limits how often it may be asked"
            + reason
            + " (try again "
            + wait.map(time -> "in " + time.toSeconds() + " s").orElse("later")
            + ", or "
            + loginTo(login)
            + ")",
        wait);
  }

  /// A page for people where a registry's answer should be.
  static RegistryException html(String host) {
    return RegistryException.lasting(
        RegistryException.Kind.INVALID,
        host + " answers with a web page: it is no registry, or a login page is before it");
  }

  static RegistryException invalid(String message) {
    return RegistryException.lasting(RegistryException.Kind.INVALID, message);
  }

  static String loginTo(String registry) {
    return "msb registry login " + registry;
  }

  /// When to ask again: seconds, or a date.
  private static Optional<Duration> retryAfter(Response response, Instant now) {
    String text = response.header("Retry-After").orElse("").strip();
    if (text.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Optional.of(then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static boolean has(Throwable thrown, Class<? extends Throwable> type) {
    int depth = 0; // causes may go round
    for (Throwable t = thrown; t != null && depth++ < 20; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }

  /// The message of the innermost cause that has one; names of Java's classes are no help to
  /// people.
  private static String message(Throwable thrown) {
    String message = "";
    int depth = 0;
    for (Throwable t = thrown; t != null && depth++ < 20; t = t.getCause()) {
      String own = t.getMessage();
      if (own != null && !own.startsWith("java.") && !own.startsWith("javax.")) {
        message = own;
      }
    }
    return OneLine.of(message, 120);
  }
}
