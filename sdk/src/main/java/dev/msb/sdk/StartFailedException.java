package dev.msb.sdk;

import dev.msb.protocol.Errno;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.OneLine;

/// The guest could not start a process.
public final class StartFailedException extends SandboxException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 200;
  private static final int E2BIG = 7;

  /// The kind.
  private final StartFailure failure;

  /// Linux's number.
  private final int errno;

  /// The call.
  private final String step;

  /// What it failed on.
  private final String subject;

  private StartFailedException(
      String message, StartFailure failure, int errno, String step, String subject) {
    super(message);
    this.failure = failure;
    this.errno = errno;
    this.step = step;
    this.subject = subject;
  }

  static StartFailedException of(String command, Frame.Failed frame) {
    StartFailure failure =
        switch (frame.kind()) {
          case NOT_FOUND -> StartFailure.NOT_FOUND;
          case PERMISSION_DENIED -> StartFailure.PERMISSION_DENIED;
          case NOT_EXECUTABLE -> StartFailure.NOT_EXECUTABLE;
          case BAD_CWD -> StartFailure.BAD_WORKING_DIRECTORY;
          case BAD_ARGS -> StartFailure.BAD_ARGUMENTS;
          case RESOURCE_LIMIT -> StartFailure.RESOURCE_LIMIT;
          case USER_NOT_FOUND -> StartFailure.USER_NOT_FOUND;
          case OUT_OF_MEMORY -> StartFailure.OUT_OF_MEMORY;
          case PTY_FAILED -> StartFailure.TERMINAL_FAILED;
          case OTHER -> StartFailure.OTHER;
        };
    return new StartFailedException(
        message(command, failure, frame), failure, frame.errno(), frame.step(), frame.subject());
  }

  /// Fails for words that are more than a guest takes. Not where it is called from, as who throws
  /// an exception has its class loaded.
  static void fail(String command, String why) throws StartFailedException {
    throw of(command, new Frame.Failed(0, FailureKind.BAD_ARGS, E2BIG, "start", why));
  }

  private static String message(String command, StartFailure failure, Frame.Failed frame) {
    StringBuilder text = new StringBuilder("cannot run \"").append(shown(command)).append("\": ");
    boolean group = failure == StartFailure.USER_NOT_FOUND && frame.step().equals("group");
    text.append(group ? "no such group in the guest" : failure.text());
    String subject = shown(frame.subject());
    if (!subject.isEmpty() && !subject.equals(shown(command))) {
      text.append(": ").append(subject);
    }
    String errno = frame.errno() == 0 ? "" : Errno.name(frame.errno());
    if (!errno.isEmpty() && !frame.step().isEmpty()) {
      text.append(" (").append(shown(frame.step())).append(": ").append(errno).append(')');
    } else if (!errno.isEmpty()) {
      text.append(" (").append(errno).append(')');
    }
    return text.append(hint(failure)).toString();
  }

  private static String hint(StartFailure failure) {
    return switch (failure) {
      case NOT_FOUND -> "; is it in the image, and on its PATH?";
      case PERMISSION_DENIED -> "; check its mode and the user";
      case NOT_EXECUTABLE ->
          "; it may be a directory, of another architecture, or lack its interpreter";
      case BAD_WORKING_DIRECTORY -> "; it must be there in the guest";
      case RESOURCE_LIMIT -> "; check the limits asked for";
      case OUT_OF_MEMORY -> "; give the sandbox more memory";
      case USER_NOT_FOUND, BAD_ARGUMENTS, TERMINAL_FAILED, OTHER -> "";
    };
  }

  /// As the words of the guest are: so they compare.
  private static String shown(String text) {
    return OneLine.of(text, LONGEST);
  }

  /// What kind of failure it is.
  public StartFailure failure() {
    return failure;
  }

  /// Linux's error number, 0 if none applies.
  public int errno() {
    return errno;
  }

  /// The call in the guest that failed.
  public String step() {
    return step;
  }

  /// What it failed on: the command, the directory, the user.
  public String subject() {
    return subject;
  }

  @Override
  public int exitValue() {
    return failure.exitValue();
  }
}
