package dev.msb.examples;

import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import java.io.IOException;
import java.util.List;

/// The MCP Java SDK with a transport of ours over a process: no command line is needed.
public final class McpOverProcess {
  private McpOverProcess() {}

  /// Runs it. The words: the image, then the server's command.
  public static void main(String[] args) throws IOException, InterruptedException {
    try (Sandbox box =
        Sandbox.builder("mcp-process")
            .image(args[0])
            .memory(MemorySize.gibibytes(1))
            .replace()
            .create()) {
      List<String> server = List.of(args).subList(1, args.length);
      Process process = box.process(server).start();
      McpSession.run(new ProcessTransport(process));
      System.out.println("the server ended with " + process.waitFor());
    }
  }
}
