package dev.msb.supervisor;

import dev.msb.home.Log;
import java.io.IOException;
import java.nio.file.Path;

/// Where the newest of what the guest's kernel printed is saved, at most once a second.
final class ConsoleFile {
  private static final long PERIOD = 1_000_000_000;

  private final Console console;
  private final Path file;
  private boolean fails;
  private long due = System.nanoTime() + PERIOD; // when it may be saved again

  ConsoleFile(Console console, Path file) {
    this.console = console;
    this.file = file;
  }

  /// The earlier one of a time and of that when there is something to be saved.
  long nextDeadline(long next) {
    return console.hasUnsaved() && due - next < 0 ? due : next;
  }

  void checkDeadline(long now) {
    if (console.hasUnsaved() && now - due >= 0) {
      save();
      due = System.nanoTime() + PERIOD;
    }
  }

  void save() {
    try {
      console.save(file);
      fails = false;
    } catch (IOException e) {
      if (!fails) { // not each second
        Log.line("cannot save the console: " + e.getMessage());
      }
      fails = true;
    }
  }

  /// Saves it elsewhere, as the next start writes over it.
  void keep(Path elsewhere) {
    try {
      console.save(elsewhere);
    } catch (IOException e) {
      Log.line("cannot keep the console: " + e.getMessage());
    }
  }
}
