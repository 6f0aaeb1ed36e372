package dev.msb.relay;

import org.jspecify.annotations.Nullable;

/// Decides who may open which link. Called on the relay's thread; must not block, and must not call
/// the relay.
public interface LinkPolicy {
  /// Linux's EACCES.
  int EACCES = 13;

  /// Refuses every link.
  LinkPolicy NONE = new None();

  /// Who wants to open a link.
  enum Opener {
    /// The guest, which is hostile.
    GUEST,
    /// A client of the sandbox, who asks for a link into the guest.
    CLIENT
  }

  /// Why there is no link.
  ///
  /// @param errno Linux's
  /// @param why one line for people
  record Refusal(int errno, String why) {}

  /// Looks at an OPEN.
  ///
  /// @param kind see [dev.msb.protocol.LinkKind]
  /// @param target a stranger's text: as long as the protocol allows, of any characters
  /// @return why it is refused; null if it may be opened
  @Nullable Refusal refusal(Opener opener, int kind, String target);

  /// Gives the host's end of a link that the guest may open. The end answers with [Link#accept] or
  /// [Link#refuse], at once or later.
  LinkEnd end(Link link, int kind, String target);

  /// Refuses every link.
  final class None implements LinkPolicy {
    private static final Refusal REFUSAL = new Refusal(EACCES, "no links are allowed here");

    private None() {}

    @Override
    public Refusal refusal(Opener opener, int kind, String target) {
      return REFUSAL;
    }

    @Override
    public LinkEnd end(Link link, int kind, String target) {
      throw new IllegalStateException("every link is refused");
    }
  }
}
