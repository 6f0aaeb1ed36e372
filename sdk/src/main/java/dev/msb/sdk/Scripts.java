package dev.msb.sdk;

import dev.msb.files.GuestFiles;
import dev.msb.home.SandboxConfig;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The scripts of a sandbox that is to be made: files in its `/.msb/scripts`, which stands first in
/// its PATH.
final class Scripts {
  private static final String DIRECTORY = "/.msb/scripts";
  private static final int MODE = 0755;
  private static final String PATH = "PATH=";

  private final SortedMap<String, String> bodies = new TreeMap<>();

  void add(String name, String body) {
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no name for a script: use letters, digits, _, - and .");
    }
    String end = body.endsWith("\n") ? "" : "\n";
    bodies.put(name, (body.startsWith("#!") ? "" : "#!/bin/sh\n") + body + end);
  }

  boolean isEmpty() {
    return bodies.isEmpty();
  }

  /// Puts them before what else is in PATH.
  void addTo(List<String> environment) {
    if (bodies.isEmpty()) {
      return;
    }
    String path = SandboxConfig.DEFAULT_PATH;
    for (String variable : environment) {
      path = variable.startsWith(PATH) ? variable.substring(PATH.length()) : path;
    }
    environment.removeIf(variable -> variable.startsWith(PATH));
    environment.add(PATH + DIRECTORY + ":" + path);
  }

  /// Writes them into a sandbox, whose files are closed then.
  void write(GuestFiles files) throws IOException {
    try (files;
        GuestFiles roots = files.as("0")) {
      roots.makeDirectories(DIRECTORY);
      for (var script : bodies.entrySet()) {
        String path = DIRECTORY + "/" + script.getKey();
        roots.writeString(path, script.getValue());
        roots.setMode(path, MODE);
      }
    }
  }
}
