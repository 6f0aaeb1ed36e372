/// One process per sandbox: starts QEMU, relays frames between clients and the agent, cleans up.
module dev.msb.supervisor {
  requires com.fasterxml.jackson.core;
  requires dev.msb.home;
  requires dev.msb.posix;
  requires dev.msb.relay;
  requires static org.jspecify;
}
