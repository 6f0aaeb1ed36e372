package dev.msb.protocol;

import dev.msb.protocol.StartRequest.Flag;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The payload of START.
final class StartCodec {
  private static final List<Flag> NOT_OF_A_FILE_SERVER =
      List.of(Flag.NO_STDIN, Flag.MERGE_STDERR, Flag.TERMINAL);

  private StartCodec() {}

  static StartRequest read(PayloadReader in) throws ProtocolException {
    return StartRequest.builder()
        .flags(flags(in.u32()))
        .size(in.u16(), in.u16())
        .timeoutMillis(in.count("timeout"))
        .killAfterMillis(in.u32())
        .stdoutWindow(FrameCodec.window(in))
        .stderrWindow(FrameCodec.window(in))
        .user(in.string())
        .workingDirectory(in.string())
        .limits(limits(in))
        .argv(command(in.strings()))
        .env(in.strings())
        .build();
  }

  private static List<Flag> flags(long bits) throws ProtocolException {
    List<Flag> flags = new ArrayList<>();
    long left = bits;
    for (Flag flag : Flag.values()) {
      if ((bits & flag.bit) != 0) {
        flags.add(flag);
        left -= flag.bit;
      }
    }
    if (left != 0) {
      throw new ProtocolException("start flags " + bits + ", which do not exist");
    }
    if (flags.contains(Flag.FILES) && !Collections.disjoint(flags, NOT_OF_A_FILE_SERVER)) {
      throw new ProtocolException("start flags " + bits + ", which exclude each other");
    }
    if (flags.contains(Flag.PIPED_STDOUT) && !flags.contains(Flag.TERMINAL)) {
      throw new ProtocolException("stdout beside a terminal that is not asked for");
    }
    return flags;
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
    int bits = 0;
    for (Flag flag : request.flags()) {
      bits |= flag.bit;
    }
    out.u32(bits).u16(request.rows()).u16(request.columns());
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
