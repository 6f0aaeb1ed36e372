package dev.msb.supervisor;

import dev.msb.home.SandboxDirectory;
import java.util.ArrayList;
import java.util.List;

/// What has happened to a sandbox and is not in the home's [EventLog] yet. Those who wait for it
/// are sent it first, as writing may take a while.
final class PendingEvents {
  private final SandboxDirectory directory;
  private final List<String[]> events = new ArrayList<>();

  PendingEvents(SandboxDirectory directory) {
    this.directory = directory;
  }

  /// Adds one, as [EventLog#add] takes it.
  void add(String... words) {
    events.add(words);
  }

  /// Writes them.
  void write() {
    for (String[] event : events) {
      directory.tell(event);
    }
    events.clear();
  }
}
