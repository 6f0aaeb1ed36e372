/// Routes the frames of one agent and many clients: execs, their streams, credits, deadlines. No
/// I/O and no clock, so the same code runs in the supervisor, under a fuzzer and in a simulation.
@SuppressWarnings("module") // the supervisor is compiled later
module dev.msb.relay {
  requires transitive dev.msb.protocol;
  requires static org.jspecify;

  exports dev.msb.relay to
      dev.msb.supervisor;
}
