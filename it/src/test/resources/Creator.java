import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;

/// A program of a user of the SDK: makes a sandbox, says so, and leaves it at the end of its input.
/// NAME [detached] [ephemeral]
final class Creator {
  public static void main(String[] words) throws Exception {
    List<String> options = List.of(words);
    SandboxBuilder builder = Sandbox.builder(words[0]);
    if (options.contains("detached")) {
      builder.detached();
    }
    if (options.contains("ephemeral")) {
      builder.ephemeral();
    }
    try (Sandbox box = builder.create()) {
      System.out.println("up");
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        switch (line) {
          case "restart" -> box.restart(java.time.Duration.ofSeconds(10));
          case "handle" -> Sandbox.get(words[0]).close();
          default -> throw new IllegalArgumentException(line);
        }
        System.out.println("done");
      }
    }
  }
}
