package dev.msb.cli;

import dev.msb.sdk.SandboxException;
import java.util.List;

/// Does the same to several sandboxes: goes on after a failure, and fails in the end.
final class ForEach {
  /// What is done to one.
  interface Action {
    void apply(String name) throws SandboxException, InterruptedException;
  }

  private ForEach() {}

  static int run(List<String> names, Action action) throws InterruptedException {
    int status = ExitCodes.OK;
    for (String name : names) {
      try {
        action.apply(name);
      } catch (SandboxException e) {
        Msb.error(e);
        status = ExitCodes.FAILED;
      }
    }
    return status;
  }
}
