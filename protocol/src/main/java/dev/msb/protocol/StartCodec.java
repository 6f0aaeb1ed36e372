package dev.msb.protocol;

import java.util.ArrayList;
import java.util.List;

/// The payload of START.
final class StartCodec {
  private static final int STDIN_NONE = 1;
  private static final int MERGE_STDERR = 2;
  private static final int TERMINAL = 4;
  private static final int KEEP = 8;
  private static final int FILES = 16;
  private static final int PIPED_STDOUT = 32;

  private StartCodec() {}

  static StartRequest read(PayloadReader in) throws ProtocolException {
    long flags = in.u32();
    if (flags > 63) {
      throw new ProtocolException("start flags " + flags + ", which do not exist");
    }
    if ((flags & FILES) != 0 && (flags & (STDIN_NONE | MERGE_STDERR | TERMINAL)) != 0) {
      throw new ProtocolException("start flags " + flags + ", which exclude each other");
    }
    if ((flags & (TERMINAL | PIPED_STDOUT)) == PIPED_STDOUT) {
      throw new ProtocolException("stdout beside a terminal that is not asked for");
    }
    return new StartRequest(
        (flags & STDIN_NONE) != 0,
        (flags & MERGE_STDERR) != 0,
        (flags & TERMINAL) != 0,
        (flags & PIPED_STDOUT) != 0,
        (flags & KEEP) != 0,
        (flags & FILES) != 0,
        in.u16(),
        in.u16(),
        in.count("timeout"),
        in.u32(),
        FrameCodec.window(in),
        FrameCodec.window(in),
        in.string(),
        in.string(),
        limits(in),
        command(in.strings()),
        in.strings());
  }

  private static List<StartRequest.Limit> limits(PayloadReader in) throws ProtocolException {
    long count = in.u32();
    if (count > 64) {
      throw new ProtocolException(count + " resource limits");
    }
    List<StartRequest.Limit> limits = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      limits.add(new StartRequest.Limit(in.u8(), in.u64(), in.u64()));
    }
    return limits;
  }

  private static List<String> command(List<String> argv) throws ProtocolException {
    if (argv.isEmpty()) {
      throw new ProtocolException("start without a command");
    }
    return argv;
  }

  static void write(PayloadWriter out, StartRequest request) {
    int flags =
        (request.noStdin() ? STDIN_NONE : 0)
            | (request.mergeStderr() ? MERGE_STDERR : 0)
            | (request.terminal() ? TERMINAL : 0)
            | (request.keep() ? KEEP : 0)
            | (request.files() ? FILES : 0)
            | (request.pipedStdout() ? PIPED_STDOUT : 0);
    out.u32(flags).u16(request.rows()).u16(request.columns());
    out.u64(request.timeoutMillis()).u32(request.killAfterMillis());
    out.u32(request.stdoutWindow()).u32(request.stderrWindow());
    out.string(request.user()).string(request.workingDirectory());
    out.u32(request.limits().size());
    for (StartRequest.Limit limit : request.limits()) {
      out.u8(limit.resource()).u64(limit.soft()).u64(limit.hard());
    }
    out.strings(request.argv()).strings(request.env());
  }
}
