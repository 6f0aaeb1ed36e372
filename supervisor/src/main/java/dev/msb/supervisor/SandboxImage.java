package dev.msb.supervisor;

import java.util.List;

/// The image of a sandbox, as far as the sandbox needs to know it. Variables, working directory and
/// user of the image are in the sandbox's own, where whoever made it set none.
///
/// @param name as people know it
/// @param rootDisk absolute path of a squashfs file that stays as it is; empty for the built-in one
/// @param entrypoint first words of the command that it is made for
/// @param command the further words, if a user gives none
/// @param stopSignal sent to processes before the sandbox stops, as in `SIGQUIT` or `3`; empty for
///   the usual one
public record SandboxImage(
    String name,
    String rootDisk,
    List<String> entrypoint,
    List<String> command,
    String stopSignal) {
  /// The image that is always there.
  public static final SandboxImage BUILT_IN =
      new SandboxImage("busybox", "", List.of(), List.of("sh"), "");

  /// Copies the lists.
  public SandboxImage {
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
  }
}
