package dev.msb.protocol;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// One frame or more of each kind, by the name of its file in `testdata/frames`.
final class FrameCases {
  private FrameCases() {}

  static Frame named(String name) {
    return Objects.requireNonNull(all().get(name), name);
  }

  static Map<String, Frame> all() {
    Map<String, Frame> all = new LinkedHashMap<>();
    all.put("hello", new Frame.Hello(1, 1, 0, Protocol.HELLO_HOLD, 3));
    all.put("welcome", new Frame.Welcome(1, 0, 42, 3));
    all.put("error", new Frame.Error(0, ErrorCode.PROTOCOL, "data beyond credit"));
    all.put("error-of-exec", new Frame.Error(7, ErrorCode.UNKNOWN_EXEC, "there is no exec 7"));
    all.put("error-no-answer", new Frame.Error(7, ErrorCode.TIMED_OUT, "no answer"));
    all.put("ping", new Frame.Ping(0x0102030405060708L));
    all.put("pong", new Frame.Pong(-1));
    all.put("probe", new Frame.Probe(5, 10_000));
    all.put("stop", new Frame.Stop(10_000));
    all.put("list", new Frame.ListExecs());
    all.put(
        "listing",
        new Frame.Listing(
            true, List.of(new ListedExec(9, 1, 77, true, 0, 0, 1500, List.of("sleep", "1d")))));
    all.put("power-off", new Frame.PowerOff());
    all.put("count", new Frame.Count());
    all.put("counts", new Frame.Counts(new VmCounts(70, 71, 90_000, 1500, 2, 9, 1L << 33, 12)));
    all.put("part", new Frame.Part(42, bytes(0, 1, 2)));
    all.put("start", new Frame.Start(42, START));
    all.put("start-files", new Frame.Start(8, FILES));
    all.put("start-plain", new Frame.Start(43, PLAIN));
    all.put("signal", new Frame.Signal(42, 15));
    all.put("resize", new Frame.Resize(42, 24, 80));
    all.put("kill", new Frame.Kill(42, EndReason.CLIENT_GONE, 5000));
    all.put("attach", new Frame.Attach(42, false, 4096, Protocol.LAST_GRANTED, 262_144, 262_144));
    all.put("detach", new Frame.Detach(42));
    all.put("data-stdin", new Frame.Data(42, StdStream.STDIN, 0, bytes('h', 'i', '\n')));
    all.put("data-stdout", new Frame.Data(42, StdStream.STDOUT, 1L << 33, bytes(0xff)));
    all.put("credit", new Frame.Credit(42, StdStream.STDERR, 524_288));
    all.put("close", new Frame.Close(42, StdStream.STDIN, 3));
    all.put("started", new Frame.Started(42, 321, 262_144));
    all.put("failed", new Frame.Failed(42, FailureKind.NOT_FOUND, 2, "execve", "/usr/bin/missing"));
    all.put("exit", new Frame.Exit(42, EXIT));
    all.put("exit-signaled", new Frame.Exit(43, KILLED));
    all.put("attached", new Frame.Attached(42, 321, 10, 262_154, 4096, 0, true, true));
    long link = Protocol.LINK | 42;
    long ofGuest = Protocol.LINK | Protocol.OF_GUEST | 1;
    all.put("open", new Frame.Open(link, LinkKind.ECHO, 262_144, ""));
    all.put("open-of-guest", new Frame.Open(ofGuest, LinkKind.DIALED_BACK, 4096, "token"));
    all.put("opened", new Frame.Opened(ofGuest, 65_536));
    all.put("refused", new Frame.Refused(ofGuest, 13, "no links are allowed here"));
    all.put("reset", new Frame.Reset(link, 104));
    all.put("data-link", new Frame.Data(link, StdStream.STDIN, 7, bytes('h', 'i')));
    all.put("credit-link", new Frame.Credit(link, StdStream.STDOUT, 262_146));
    all.put("close-link", new Frame.Close(ofGuest, StdStream.STDIN, 9));
    all.put("ready", new Frame.Ready(1, 1, 0, "msb-agent 0.1"));
    all.put("configure", new Frame.Configure(CONFIGURATION));
    all.put("configure-part", new Frame.ConfigurePart(bytes(0, 1, 2)));
    all.put("configured", new Frame.Configured(812));
    all.put("boot-failed", new Frame.BootFailed(22, "mount", "/dev/vda"));
    all.put("shutdown", new Frame.Shutdown(10_000));
    all.put("clock", new Frame.Clock(1_764_000_000_123_456_789L));
    return all;
  }

  private static final StartRequest START =
      StartRequest.builder()
          .flag(StartRequest.Flag.NO_STDIN)
          .flag(StartRequest.Flag.MERGE_STDERR)
          .flag(StartRequest.Flag.TERMINAL)
          .flag(StartRequest.Flag.PIPED_STDOUT)
          .flag(StartRequest.Flag.KEEP)
          .size(24, 80)
          .timeoutMillis(1500)
          .killAfterMillis(5000)
          .stderrWindow(4096)
          .user("nobody:users")
          .workingDirectory("/tmp")
          .limits(List.of(new StartRequest.Limit(7, 256, -1)))
          .argv(List.of("sh", "-c", "echo \u00fc", "\udcff"))
          .env(List.of("A=b", "EMPTY="))
          .build();

  private static final StartRequest PLAIN =
      StartRequest.builder().killAfterMillis(5000).argv(List.of("true")).build();

  private static final StartRequest FILES =
      StartRequest.builder()
          .flag(StartRequest.Flag.KEEP)
          .flag(StartRequest.Flag.FILES)
          .killAfterMillis(5000)
          .stderrWindow(4096)
          .workingDirectory("/")
          .argv(List.of("msb-files"))
          .build();

  private static final ExitRecord EXIT =
      new ExitRecord(
          false,
          7,
          false,
          true,
          false,
          EndReason.NONE,
          1L << 32,
          9,
          1200,
          3400,
          5600,
          7_800_000,
          12);

  private static final ExitRecord KILLED =
      new ExitRecord(true, 15, true, false, true, EndReason.TIMEOUT, 0, 0, 0, 0, 1, 2, 0);

  private static final GuestConfiguration CONFIGURATION =
      GuestConfiguration.builder()
          .realtimeNanos(1_764_000_000_123_456_789L)
          .entropy(entropy())
          .hostname("box")
          .machineId("00112233445566778899aabbccddeeff")
          .env(List.of("PATH=/bin"))
          .workingDirectory("/")
          .user("root")
          .mounts(
              List.of(
                  Mount.root("/dev/vda", "squashfs"),
                  Mount.upper("/dev/vdb", "ext4"),
                  Mount.tmpfs("/scratch", 16),
                  Mount.tmpfs("/scratch/deep", 0),
                  Mount.volume("/dev/vdc", "ext4", "/srv/data", Set.of(Mount.Flag.READ_ONLY))))
          .directories(List.of("/srv/app", "/data"))
          .build();

  private static ByteBuffer entropy() {
    byte[] entropy = new byte[64];
    for (int i = 0; i < entropy.length; i++) {
      entropy[i] = (byte) (i * 3);
    }
    return ByteBuffer.wrap(entropy);
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }
}
