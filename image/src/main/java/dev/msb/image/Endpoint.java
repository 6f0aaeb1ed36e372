package dev.msb.image;

import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One server that images come from: a registry, or a mirror of one. For use by any thread.
final class Endpoint {
  private final String name;
  private final URI first;
  private final Optional<URI> second;
  private final Http http;
  private final InstantSource clock;
  private final Authorizer authorizer;
  private final int maxRetries;
  private final boolean insecure;

  private final ReentrantLock probing = new ReentrantLock();
  private @Nullable URI base; // guarded by probing

  /// @param name what it is called in messages and by its credentials
  /// @param first ends in `/v2/`
  /// @param second is used if there is no answer from the first
  /// @param insecure whether certificates are not looked at
  Endpoint(
      String name,
      URI first,
      Optional<URI> second,
      boolean insecure,
      int maxRetries,
      Http http,
      CredentialSource credentials,
      InstantSource clock) {
    this.name = name;
    this.first = first;
    this.second = second;
    this.insecure = insecure;
    this.maxRetries = maxRetries;
    this.http = http;
    this.clock = clock;
    this.authorizer = new Authorizer(name, http, credentials, clock, insecure);
  }

  String name() {
    return name;
  }

  int maxRetries() {
    return maxRetries;
  }

  /// What is asked for.
  ///
  /// @param path after `/v2/`
  /// @param scope of the token that it takes; empty for none in particular
  /// @param headers further ones
  /// @param what names it in messages
  record Question(
      String method, String path, String scope, Map<String, String> headers, String what) {
    Question(String path, Reference image, String what) {
      this(
          "GET",
          image.repository() + "/" + path,
          "repository:" + image.repository() + ":pull",
          Map.of(),
          what);
    }

    Question with(String header, String value) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(header, value);
      return new Question(method, path, scope, more, what);
    }

    Question head() {
      return new Question("HEAD", path, scope, headers, what);
    }
  }

  /// Asks, with what authorization it takes. The answer is to be closed; it is a success, or 416.
  ///
  /// @throws RegistryException if there is no answer, or another one
  Response ask(Question question) throws RegistryException, InterruptedException {
    URI address = base().resolve(question.path());
    String authorization = authorizer.known(question.scope());
    Response first = send(question, address, authorization);
    if (first.status() != 401) {
      return checked(first, question, authorization);
    }
    try (first) {
      authorization =
          authorizer.answer(first, address, question.scope(), authorization, question.what());
    }
    return checked(send(question, address, authorization), question, authorization);
  }

  private Response checked(Response response, Question question, String authorization)
      throws RegistryException, InterruptedException {
    if (response.status() / 100 == 2 || response.status() == 416) {
      return response;
    }
    try (response) {
      if (response.status() == 401) {
        throw authorizer.refusal(
            response.reason(), question.what(), authorization.startsWith("Basic "), "");
      }
      throw Failures.status(response, name, name, question.what(), clock.instant());
    }
  }

  /// Asks, and takes the whole answer.
  ///
  /// @throws RegistryException also if it is longer than `limit`
  byte[] read(Response response, int limit, String what)
      throws RegistryException, InterruptedException {
    byte[] bytes;
    try {
      bytes = response.read(limit);
    } catch (IOException e) {
      throw Failures.io(name, e);
    }
    if (bytes.length > limit) {
      throw Failures.invalid(name + " sends more than " + limit + " bytes as " + what);
    }
    return bytes;
  }

  private Response send(Question question, URI address, String authorization)
      throws RegistryException, InterruptedException {
    return http.send(
        new Http.Call(question.method(), address, question.headers(), authorization, "", insecure));
  }

  /// The address that there is an answer from. Found out once, if there are two.
  private URI base() throws RegistryException, InterruptedException {
    if (second.isEmpty()) {
      return first;
    }
    probing.lockInterruptibly();
    try {
      URI found = base;
      if (found == null) {
        found = answers(first) ? first : second.get();
        base = found;
      }
      return found;
    } finally {
      probing.unlock();
    }
  }

  private boolean answers(URI address) throws InterruptedException {
    try {
      http.send(new Http.Call("GET", address, Map.of(), "", "", insecure)).close();
      return true; // whatever it is
    } catch (RegistryException e) {
      return false; // the other address will say what is wrong
    }
  }
}
