package dev.msb.image;

/// Who a user is to a registry. Its text form shows nothing of it.
public sealed interface Credentials {
  /// A name and a password (or an access token that is used like one).
  ///
  /// @param user without colons
  /// @param password any text
  record Password(String user, String password) implements Credentials {
    /// Checks the user.
    ///
    /// @throws IllegalArgumentException if it has a colon, which would end it too early
    public Password {
      if (user.indexOf(':') >= 0) {
        throw new IllegalArgumentException("a user name with a colon");
      }
    }

    @Override
    public String toString() {
      return "Password[...]";
    }
  }

  /// A long-lived token that is traded for short-lived ones, as a login at some registries gives.
  ///
  /// @param token any text
  record IdentityToken(String token) implements Credentials {
    @Override
    public String toString() {
      return "IdentityToken[...]";
    }
  }
}
