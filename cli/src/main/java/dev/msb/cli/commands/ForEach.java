package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// Does the same to several things: goes on after a failure, and fails in the end. Each failure
/// names its thing.
final class ForEach {
  /// What is done to one.
  interface Action<T> {
    void apply(T one) throws SandboxException, InterruptedException;
  }

  private ForEach() {}

  /// Of sandboxes. A word that is no name of one ends it before it begins.
  static int run(List<String> names, Action<String> action) throws InterruptedException {
    for (String name : names) {
      Sandbox.checkName(name);
    }
    int status = ExitCodes.OK;
    for (String name : names) {
      try {
        action.apply(name);
      } catch (SandboxException e) {
        String message = String.valueOf(e.getMessage());
        boolean clear = names.size() == 1 || message.contains("\"" + name + "\"");
        Output.error(clear ? message : "sandbox \"" + name + "\": " + message);
        status = ExitCodes.FAILED;
      }
    }
    return status;
  }

  /// Of things that the action's own messages name.
  static <T> int each(List<T> all, Action<T> action) throws InterruptedException {
    int status = ExitCodes.OK;
    for (T one : all) {
      try {
        action.apply(one);
      } catch (SandboxException e) {
        Output.error(e);
        status = ExitCodes.FAILED;
      }
    }
    return status;
  }
}
