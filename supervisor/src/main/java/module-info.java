/// One process per sandbox: starts QEMU, relays frames between clients and the agent, cleans up.
@SuppressWarnings("module") // those exported to are compiled later
module dev.msb.supervisor {
  requires com.fasterxml.jackson.core;
  requires dev.msb.posix;
  requires transitive dev.msb.protocol;
  requires static org.jspecify;

  exports dev.msb.supervisor to
      dev.msb.sdk,
      dev.msb.cli;
}
