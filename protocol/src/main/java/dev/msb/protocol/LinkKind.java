package dev.msb.protocol;

/// What the target of an OPEN means. Plain numbers, as an end refuses those that it does not know.
public final class LinkKind {
  /// The end that accepts sends back the bytes that it gets. The target means nothing.
  public static final int ECHO = 0;

  /// The end that accepts opens a link of the kind [#DIALED_BACK] in return, with the same target:
  /// bytes that go into one come out of the other.
  public static final int DIAL_BACK = 1;

  /// The answer to a link of the kind [#DIAL_BACK].
  public static final int DIALED_BACK = 2;

  private LinkKind() {}
}
