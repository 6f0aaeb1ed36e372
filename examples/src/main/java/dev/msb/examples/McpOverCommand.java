package dev.msb.examples;

import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The MCP Java SDK's own transport, which takes a command: `msb exec --stream` stands in for the
/// server.
public final class McpOverCommand {
  private McpOverCommand() {}

  /// Runs it. The words: the image, the command `msb`, then the server's command.
  public static void main(String[] args) throws IOException, InterruptedException {
    try (Sandbox box =
        Sandbox.builder("mcp-command")
            .image(args[0])
            .memory(MemorySize.gibibytes(1))
            .replace()
            .create()) {
      List<String> words = new ArrayList<>(List.of("exec", "--stream", box.name(), "--"));
      words.addAll(List.of(args).subList(2, args.length));
      ServerParameters server = ServerParameters.builder(args[1]).args(words).env(forMsb()).build();
      McpSession.run(new StdioClientTransport(server, McpJsonDefaults.getMapper()));
    }
  }

  /// The transport passes on a few variables only.
  private static Map<String, String> forMsb() {
    Map<String, String> variables = new java.util.HashMap<>(System.getenv());
    variables.keySet().removeIf(name -> !name.startsWith("MSB_"));
    return variables;
  }
}
