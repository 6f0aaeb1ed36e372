package dev.msb.sdk;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Something that happened to a sandbox.
///
/// @param time when, by this machine's clock
/// @param sandbox the name of the sandbox
/// @param kind `created`, `modified`, `renamed`, `removed`, `started`, `stopped`, `crashed`,
///   `exec-started`, `exec-ended`, `exec-given-up`, `unresponsive`, `responsive`, `paused` or
///   `resumed`; there may be more one day
/// @param facts what more there is to tell: see `docs/cli.md`
public record SandboxEvent(Instant time, String sandbox, String kind, Map<String, String> facts) {

  /// A line of the log.
  static SandboxEvent parse(String line) {
    String[] words = line.split(" ", 4);
    Map<String, String> facts = new LinkedHashMap<>();
    String rest = words.length == 4 ? words[3] : "";
    while (!rest.isEmpty()) {
      int equals = rest.indexOf('=');
      String name = rest.substring(0, equals);
      int end = name.equals("detail") ? -1 : rest.indexOf(' ', equals);
      facts.put(name, rest.substring(equals + 1, end < 0 ? rest.length() : end));
      rest = end < 0 ? "" : rest.substring(end + 1);
    }
    return new SandboxEvent(Instant.parse(words[0]), words[1], words[2], facts);
  }

  /// One line for people.
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(time + " " + sandbox + " " + kind);
    facts.forEach((name, value) -> line.append(' ').append(name).append('=').append(value));
    return line.toString();
  }
}
