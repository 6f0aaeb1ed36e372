package dev.msb.protocol;

import java.util.List;

/// What START asks for.
///
/// @param noStdin stdin is /dev/null
/// @param mergeStderr stderr is the same pipe as stdout
/// @param terminal a terminal instead of pipes
/// @param pipedStdout beside the terminal stdout is a pipe, and stderr carries what the terminal
///   shows
/// @param keep the exec outlives its client
/// @param files the agent's file server instead of a command; `argv` is what it is listed as
/// @param rows the terminal's height, 0 without one
/// @param columns the terminal's width, 0 without one
/// @param timeoutMillis 0 for none
/// @param killAfterMillis between SIGTERM and SIGKILL
/// @param stdoutWindow bytes, also the initial credit
/// @param stderrWindow bytes, also the initial credit
/// @param user `NAME|UID[:GROUP|GID]`, empty for the sandbox's
/// @param workingDirectory a path in the guest, empty for the sandbox's
/// @param limits resource limits
/// @param argv the command, at least one element
/// @param env `NAME=value`, over the sandbox's environment
public record StartRequest(
    boolean noStdin,
    boolean mergeStderr,
    boolean terminal,
    boolean pipedStdout,
    boolean keep,
    boolean files,
    int rows,
    int columns,
    long timeoutMillis,
    long killAfterMillis,
    int stdoutWindow,
    int stderrWindow,
    String user,
    String workingDirectory,
    List<Limit> limits,
    List<String> argv,
    List<String> env) {

  /// A command.
  public StartRequest(
      boolean noStdin,
      boolean mergeStderr,
      boolean terminal,
      boolean pipedStdout,
      boolean keep,
      int rows,
      int columns,
      long timeoutMillis,
      long killAfterMillis,
      int stdoutWindow,
      int stderrWindow,
      String user,
      String workingDirectory,
      List<Limit> limits,
      List<String> argv,
      List<String> env) {
    this(
        noStdin,
        mergeStderr,
        terminal,
        pipedStdout,
        keep,
        false,
        rows,
        columns,
        timeoutMillis,
        killAfterMillis,
        stdoutWindow,
        stderrWindow,
        user,
        workingDirectory,
        limits,
        argv,
        env);
  }

  /// One resource limit, Linux numbering; -1 is infinity.
  public record Limit(int resource, long soft, long hard) {}
}
