package dev.msb.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A real web server on a port of its own, whose answers a test writes and which remembers what it
/// was asked.
final class WebServer implements AutoCloseable {
  /// A request.
  record Seen(String method, String path, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return String.join(",", headers.getOrDefault(name, List.of()));
    }
  }

  /// Sends one answer.
  interface Answer {
    void send(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final CountDownLatch stalling = new CountDownLatch(1);

  WebServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      seen.add(
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Map.copyOf(exchange.getRequestHeaders()),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      Answer answer;
      Deque<Answer> waiting = answers.get(path);
      if (waiting == null) {
        answer = status(404, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"who?\"}]}");
      } else {
        synchronized (waiting) {
          answer = waiting.size() > 1 ? waiting.remove() : waiting.element();
        }
      }
      answer.send(exchange);
    }
  }

  /// The answers to requests of a path, in their order; the last one is for all that follow.
  WebServer on(String path, Answer... list) {
    answers.put(path, new ArrayDeque<>(List.of(list)));
    return this;
  }

  /// An answer with a text and pairs of header and value.
  static Answer status(int status, String body, String... headers) {
    return status(status, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  static Answer status(int status, byte[] body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, body.length == 0 || head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    };
  }

  /// Bytes, or those that a `Range` asks for.
  static Answer ranged(byte[] body) {
    return exchange -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range == null) {
        status(200, body).send(exchange);
        return;
      }
      int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
      byte[] rest = java.util.Arrays.copyOfRange(body, from, body.length);
      status(
              206,
              rest,
              "Content-Range",
              "bytes " + from + "-" + (body.length - 1) + "/" + body.length)
          .send(exchange);
    };
  }

  /// Says that all of the body comes, and breaks the connection after some.
  static Answer truncated(byte[] body, int length) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body, 0, length);
      exchange.getResponseBody().flush();
    };
  }

  /// Sends some of the body, and then nothing until the server is closed.
  Answer stalled(byte[] body, int length) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      OutputStream out = exchange.getResponseBody();
      out.write(body, 0, length);
      out.flush();
      stalling.countDown();
      try {
        closing.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  void awaitStall() throws InterruptedException {
    stalling.await();
  }

  /// Sends the same without end.
  static Answer endless(String text) {
    return exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] bytes = text.repeat(1000).getBytes(StandardCharsets.UTF_8);
      while (true) {
        exchange.getResponseBody().write(bytes); // until the client hangs up
      }
    };
  }

  List<Seen> seen() {
    return seen;
  }

  List<Seen> seen(String path) {
    return seen.stream().filter(request -> request.path().startsWith(path)).toList();
  }

  /// `HOST:PORT`.
  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  String address() {
    return "http://" + host();
  }

  /// The image of this name on this server.
  Reference image(String name) {
    return Reference.parse(host() + "/" + name);
  }

  /// Options that reach this server, without retries and quick to give up nothing.
  RegistryOptions.Builder options() {
    return RegistryOptions.builder()
        .plainHttp(host())
        .environment(Map.of())
        .stallTimeout(Duration.ofSeconds(60));
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
    try {
      threads.awaitTermination(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
