/// The msb protocol: frames and bytes, credit arithmetic, states. No I/O, and nothing but the JDK.
///
/// `docs/protocol.md` is the specification; the agent in C is held to the same byte vectors
/// (`testdata/frames`).
module dev.msb.protocol {
  requires static org.jspecify;

  exports dev.msb.protocol;
}
