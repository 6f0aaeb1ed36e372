package dev.msb.examples;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/// Speaks MCP over the pipes of a [Process], which need not be a local one: a message is a line.
final class ProcessTransport implements McpClientTransport {
  private final McpJsonMapper json = McpJsonDefaults.getMapper();
  private final Process process;
  private final BufferedReader in;
  private final BufferedWriter out;
  private volatile Consumer<Throwable> failures = failure -> {};
  private volatile boolean closing;

  ProcessTransport(Process process) {
    this.process = process;
    in = process.inputReader(StandardCharsets.UTF_8);
    out = process.outputWriter(StandardCharsets.UTF_8);
  }

  @Override
  public void setExceptionHandler(Consumer<Throwable> handler) {
    failures = handler;
  }

  @Override
  public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
    return Mono.fromRunnable(() -> {
      Thread.ofVirtual().name("mcp-in").start(() -> receive(handler));
      Thread.ofVirtual().name("mcp-log").start(this::ignoreLog);
    });
  }

  private void receive(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
    try {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JSONRPCMessage message = McpSchema.deserializeJsonRpcMessage(json, line);
        handler.apply(Mono.just(message)).subscribe(ignored -> {}, failures);
      }
    } catch (IOException e) {
      if (!closing) {
        failures.accept(e);
      }
    }
  }

  /// What nobody reads would hold the server up in the end.
  private void ignoreLog() {
    try {
      process.getErrorStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      // it has ended
    }
  }

  @Override
  public Mono<Void> sendMessage(JSONRPCMessage message) {
    return Mono.fromCallable(() -> {
      synchronized (out) {
        out.write(json.writeValueAsString(message) + "\n");
        out.flush();
      }
      return null;
    });
  }

  @Override
  public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
    return json.convertValue(data, type);
  }

  /// End of file ends the server.
  @Override
  public Mono<Void> closeGracefully() {
    return Mono.fromCallable(
            () -> {
              closing = true;
              process.getOutputStream().close();
              return process.onExit();
            })
        .flatMap(Mono::fromFuture)
        .then();
  }
}
