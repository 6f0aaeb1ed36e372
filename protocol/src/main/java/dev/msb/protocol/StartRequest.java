package dev.msb.protocol;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What START asks for.
///
/// @param flags what kind of exec it is to be
/// @param rows the terminal's height, 0 without one
/// @param columns the terminal's width, 0 without one
/// @param timeoutMillis 0 for none
/// @param killAfterMillis between SIGTERM and SIGKILL
/// @param stdoutWindow bytes, also the initial credit
/// @param stderrWindow bytes, also the initial credit
/// @param user `NAME|UID[:GROUP|GID]`, empty for the sandbox's
/// @param workingDirectory a path in the guest, empty for the sandbox's
/// @param limits resource limits
/// @param argv the command, at least one element; what a file server is listed as
/// @param env `NAME=value`, over the sandbox's environment
public record StartRequest(
    Set<Flag> flags,
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

  /// What an exec can be or not.
  public enum Flag {
    /// stdin is /dev/null.
    NO_STDIN(1),
    /// stderr is the same pipe as stdout.
    MERGE_STDERR(2),
    /// A terminal instead of pipes.
    TERMINAL(4),
    /// The exec outlives its client.
    KEEP(8),
    /// The agent's file server instead of a command.
    FILES(16),
    /// Beside the terminal stdout is a pipe, and stderr carries what the terminal shows.
    PIPED_STDOUT(32);

    final int bit;

    Flag(int bit) {
      this.bit = bit;
    }
  }

  /// One resource limit, Linux numbering; -1 is infinity.
  public record Limit(int resource, long soft, long hard) {}

  public StartRequest {
    flags = Set.copyOf(flags);
  }

  public boolean has(Flag flag) {
    return flags.contains(flag);
  }

  /// One to be filled in, of which only the command has to be.
  public static Builder builder() {
    return new Builder();
  }

  /// Fills one in, field by field.
  public static final class Builder {
    private final Set<Flag> flags = new HashSet<>(); // an EnumSet takes long to be used first
    private int rows;
    private int columns;
    private long timeoutMillis;
    private long killAfterMillis;
    private int stdoutWindow = Protocol.DEFAULT_WINDOW_BYTES;
    private int stderrWindow = Protocol.DEFAULT_WINDOW_BYTES;
    private String user = "";
    private String workingDirectory = "";
    private List<Limit> limits = List.of();
    private List<String> argv = List.of();
    private List<String> env = List.of();

    private Builder() {}

    public Builder flag(Flag flag) {
      flags.add(flag);
      return this;
    }

    public Builder flags(Collection<Flag> more) {
      flags.addAll(more);
      return this;
    }

    /// Sets a flag if this is true.
    public Builder flag(Flag flag, boolean on) {
      return on ? flag(flag) : this;
    }

    /// The size of the terminal.
    public Builder size(int newRows, int newColumns) {
      rows = newRows;
      columns = newColumns;
      return this;
    }

    public Builder timeoutMillis(long value) {
      timeoutMillis = value;
      return this;
    }

    public Builder killAfterMillis(long value) {
      killAfterMillis = value;
      return this;
    }

    public Builder stdoutWindow(int bytes) {
      stdoutWindow = bytes;
      return this;
    }

    public Builder stderrWindow(int bytes) {
      stderrWindow = bytes;
      return this;
    }

    public Builder user(String value) {
      user = value;
      return this;
    }

    public Builder workingDirectory(String value) {
      workingDirectory = value;
      return this;
    }

    public Builder limits(List<Limit> value) {
      limits = value;
      return this;
    }

    public Builder argv(List<String> value) {
      argv = value;
      return this;
    }

    public Builder env(List<String> value) {
      env = value;
      return this;
    }

    public StartRequest build() {
      return new StartRequest(
          flags,
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
  }
}
