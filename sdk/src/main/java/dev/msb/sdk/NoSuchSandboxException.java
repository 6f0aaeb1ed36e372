package dev.msb.sdk;

/// There is no sandbox of that name.
public final class NoSuchSandboxException extends SandboxException {
  private static final long serialVersionUID = 1L;

  NoSuchSandboxException(String name) {
    super("there is no sandbox \"" + name + "\"");
  }
}
