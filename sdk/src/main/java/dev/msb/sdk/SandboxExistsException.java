package dev.msb.sdk;

/// There is a sandbox of that name already.
public final class SandboxExistsException extends SandboxException {
  private static final long serialVersionUID = 1L;

  SandboxExistsException(String name) {
    super("sandbox \"" + name + "\" exists: choose another name or use --replace");
  }
}
