package dev.msb.home;

import java.util.List;
import java.util.Locale;

/// The image of a sandbox, as far as the sandbox needs to know it. Variables, working directory and
/// user of the image are in the sandbox's own, where whoever made it set none.
///
/// @param name as people know it
/// @param rootDisk absolute path of a squashfs file that stays as it is; empty for the built-in one
/// @param entrypoint first words of the command that it is made for
/// @param command the further words, if a user gives none
/// @param stopSignal sent to processes before the sandbox stops, as in `SIGQUIT` or `3`; empty for
///   the usual one
/// @param volumes absolute paths of directories that it wants to have
public record SandboxImage(
    String name,
    String rootDisk,
    List<String> entrypoint,
    List<String> command,
    String stopSignal,
    List<String> volumes) {
  private static final List<String> SIGNALS =
      List.of(
          ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT"
                  + " STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")
              .split(" ", -1));
  private static final int SIGTERM = 15;
  private static final int SIGRTMIN = 34; // as the C libraries count
  private static final int MOST = 64;

  /// The image that is always there.
  public static final SandboxImage BUILT_IN =
      new SandboxImage("busybox", "", List.of(), List.of("sh"), "", List.of());

  /// Copies the lists.
  public SandboxImage {
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    volumes = List.copyOf(volumes);
  }

  /// The stop signal by its number on Linux; 0 if it is the usual one, or none that Linux has.
  public int stopSignalNumber() {
    String upper = stopSignal.toUpperCase(Locale.ROOT);
    String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
    int number = SIGNALS.indexOf(name) + 1;
    try {
      if (name.startsWith("RTMIN")) {
        number = SIGRTMIN + (name.equals("RTMIN") ? 0 : Integer.parseInt(name.substring(5)));
      } else if (name.startsWith("RTMAX")) {
        number = MOST + (name.equals("RTMAX") ? 0 : Integer.parseInt(name.substring(5)));
      } else if (number == 0 && !name.isEmpty()) {
        number = Integer.parseInt(name);
      }
    } catch (NumberFormatException e) {
      return 0;
    }
    if (name.startsWith("RT") && number < SIGRTMIN) {
      return 0;
    }
    return number < 1 || number > MOST || number == SIGTERM ? 0 : number;
  }
}
