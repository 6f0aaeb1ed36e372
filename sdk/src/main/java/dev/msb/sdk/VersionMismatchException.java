package dev.msb.sdk;

import dev.msb.protocol.Protocol;

/// The sandbox is run by another version of msb, with which this one shares no version of the
/// protocol.
public final class VersionMismatchException extends SandboxException {
  private static final long serialVersionUID = 1L;

  VersionMismatchException(String sandbox, String detail) {
    super(
        "sandbox \""
            + sandbox
            + "\" is run by another version of msb; this one speaks version "
            + Protocol.VERSION
            + " of the protocol ("
            + detail
            + "): stop the sandbox with the msb that started it, or use that version's library");
  }
}
