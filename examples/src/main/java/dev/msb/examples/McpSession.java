package dev.msb.examples;

import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.time.Duration;
import java.util.Map;

/// What both MCP examples do once they have a transport.
final class McpSession {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private McpSession() {}

  static void run(McpClientTransport transport) {
    try (McpSyncClient client =
        McpClient.sync(transport)
            .requestTimeout(PATIENCE)
            .initializationTimeout(PATIENCE)
            .build()) {
      System.out.println("server: " + client.initialize().serverInfo().name());
      System.out.println(
          "tools: " + client.listTools().tools().stream().map(t -> t.name()).toList());
      CallToolRequest request =
          CallToolRequest.builder("echo").arguments(Map.of("message", "from the host")).build();
      TextContent reply = (TextContent) client.callTool(request).content().getFirst();
      System.out.println("reply: " + reply.text());
      client.closeGracefully();
    }
  }
}
