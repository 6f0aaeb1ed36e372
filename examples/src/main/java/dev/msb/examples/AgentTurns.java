package dev.msb.examples;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxProcess;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;

/// Drives an agent turn by turn with JSON lines: a prompt goes in, pieces of the reply come out,
/// and only after the last does the next prompt go in. The agent here is a few lines of Python; an
/// agent command line in its stream-json mode is driven in the same way.
public final class AgentTurns {
  private static final String AGENT =
      """
      import json, sys
      remembered = []
      for line in sys.stdin:
          prompt = json.loads(line)["prompt"]
          remembered.append(prompt)
          for word in prompt.split():
              print(json.dumps({"type": "text", "text": word.upper()}), flush=True)
          print(json.dumps({"type": "result", "turns": len(remembered)}), flush=True)
      """;

  private AgentTurns() {}

  /// Runs it. The words: the image.
  public static void main(String[] args) throws IOException, InterruptedException {
    String image = args.length > 0 ? args[0] : "python:3.12";
    try (Sandbox box =
            Sandbox.builder("agent-turns")
                .image(image)
                .memory(MemorySize.mebibytes(512))
                .replace()
                .create();
        SandboxProcess agent = box.process("python3", "-c", AGENT).start()) {
      BufferedWriter in = agent.outputWriter();
      BufferedReader out = agent.inputReader();
      for (String prompt : List.of("hello there", "and again")) {
        JsonObject question = new JsonObject();
        question.addProperty("prompt", prompt);
        in.write(question + "\n");
        in.flush();
        System.out.println(prompt + " -> " + reply(out));
      }
      in.close(); // end of file: it ends
      System.out.println("the agent ended with " + agent.waitFor());
    }
  }

  private static String reply(BufferedReader out) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      JsonObject message = JsonParser.parseString(line).getAsJsonObject();
      if (message.get("type").getAsString().equals("result")) {
        return text + "(turn " + message.get("turns") + ")";
      }
      text.append(message.get("text").getAsString()).append(' ');
    }
    throw new IOException("the agent ended in the middle of a turn");
  }
}
