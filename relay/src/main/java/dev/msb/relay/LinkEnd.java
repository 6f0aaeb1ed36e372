package dev.msb.relay;

/// What is at the host's end of a link, for the relay to tell. It may call the link's methods from
/// within these.
public interface LinkEnd {
  /// The guest accepted the link: bytes may flow.
  void opened();

  /// The guest refused the link, which is over.
  ///
  /// @param errno Linux's
  /// @param why one line for people
  void refused(int errno, String why);

  /// The guest sent bytes or its end, took bytes, or wants no more of them.
  void changed();

  /// The link broke and is over.
  ///
  /// @param errno Linux's
  void reset(int errno);

  /// Nothing of the link is left. This is the last call; the link's methods must not be called any
  /// more.
  void over();
}
