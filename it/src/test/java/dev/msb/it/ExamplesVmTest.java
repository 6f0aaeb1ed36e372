package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The programs in examples/, each in a JVM of its own that has the jars on its class path and
/// nothing else: no module path, no native library.
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplesVmTest {
  private static final String PACKAGES = "/opt/server/node_modules/";
  private static final String MCP_SERVER =
      PACKAGES + "@modelcontextprotocol/server-everything/dist/index.js";
  private static final String LANGUAGE_SERVER =
      PACKAGES + "vscode-json-languageserver/bin/vscode-json-languageserver";

  private final Msb msb = new Msb();
  private String image = "";

  ExamplesVmTest() throws IOException {}

  @BeforeAll
  @Timeout(900) // the first time: packages are downloaded
  void makeImage() throws Exception {
    image = PeerImage.make().toString();
  }

  @AfterAll
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void anAgentIsDrivenTurnByTurn() throws Exception {
    assertThat(run("AgentTurns", image).ok().stdout())
        .isEqualTo(
            """
            hello there -> HELLO THERE (turn 1)
            and again -> AND AGAIN (turn 2)
            the agent ended with 0
            """);
  }

  @Test
  void codeIsInterpreted() throws Exception {
    assertThat(run("CodeInterpreter", image).ok().stdout())
        .isEqualTo(
            """
            printed: 2 rows, 42 in all
            report: total=42
            a mistake: 1, ZeroDivisionError: division by zero
            an endless loop: TimedOut[how=Signaled[signal=15, coreDumped=false]]
            """);
  }

  @Test
  void aBatchIsRunInParallel() throws Exception {
    assertThat(run("ParallelBatch", "busybox").ok().stdout())
        .isEqualTo("the sum of the first 50 squares is 42925\n");
  }

  @Test
  void anMcpServerIsReachedThroughTheCommandLine() throws Exception {
    String command = msb.command().command().getFirst();
    assertMcp(run("McpOverCommand", image, command, "node", MCP_SERVER, "stdio").ok());
  }

  @Test
  void anMcpServerIsReachedThroughItsProcess() throws Exception {
    Result result = run("McpOverProcess", image, "node", MCP_SERVER, "stdio").ok();
    assertMcp(result);
    assertThat(result.stdout()).endsWith("the server ended with 0\n");
  }

  private static void assertMcp(Result result) {
    assertThat(result.stdout())
        .contains("server: mcp-servers/everything\n")
        .containsPattern("tools: \\[.*echo.*\\]\n")
        .contains("reply: Echo: from the host\n");
  }

  @Test
  void aLanguageServerIsReachedThroughItsProcess() throws Exception {
    assertThat(run("LanguageServer", image, "node", LANGUAGE_SERVER, "--stdio").ok().stdout())
        .contains("hovers: true\n")
        .contains("line 0, column 8: ")
        .endsWith("the server ended with 0\n");
  }

  private Result run(String example, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("dev.msb.examples." + example);
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command);
    Path dist = Path.of(System.getProperty("msb.root", ".."), "dist").toAbsolutePath();
    builder.environment().put("MSB_DIST", dist.toString());
    builder.environment().put("MSB_HOME", msb.home().toString());
    return Msb.finish(builder.redirectInput(new File("/dev/null")).start());
  }
}
