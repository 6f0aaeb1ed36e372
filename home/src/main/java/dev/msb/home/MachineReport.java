package dev.msb.home;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the supervisor's program finds on this machine.
///
/// @param qemu the file, and the first line that it says of itself
/// @param accelerator what runs guests: `kvm` or `tcg`
/// @param why that one; one line for people
public record MachineReport(String qemu, String accelerator, String why) {
  /// The word after which the supervisor's program reports, in place of a sandbox's directory.
  public static final String COMMAND = "machine";

  /// Has the supervisor's program look. The first call of a boot of this machine may take ten
  /// seconds, as a guest is booted on KVM; the outcome is kept in the home.
  ///
  /// @throws IOException if it finds no QEMU, or cannot be run
  /// @throws InterruptedException when interrupted; the program was ended
  public static MachineReport find(MsbHome home, Distribution distribution)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(SupervisorLauncher.program(distribution));
    words.add(COMMAND);
    words.add(home.path().toString());
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().putAll(SupervisorLauncher.environment());
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      Map<String, String> facts = read(process);
      process.waitFor();
      String failure = facts.get("failed");
      if (failure != null) {
        throw new IOException(failure);
      }
      return new MachineReport(fact(facts, "qemu"), fact(facts, "accelerator"), fact(facts, "why"));
    } finally {
      process.destroy();
    }
  }

  private static Map<String, String> read(Process process) throws IOException {
    Map<String, String> facts = new HashMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        int space = line.indexOf(' ');
        if (space > 0) {
          facts.put(line.substring(0, space), line.substring(space + 1));
        }
      }
    }
    return facts;
  }

  private static String fact(Map<String, String> facts, String name) throws IOException {
    String fact = facts.get(name);
    if (fact == null) {
      throw new IOException("the supervisor's program ended without a word of its " + name);
    }
    return fact;
  }
}
