package dev.msb.it;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/// Something that is done to a process, whatever it is a process of, and what is to be seen of it.
///
/// @param script what it runs, by busybox's shell
/// @param mergeStderr whether its stderr is its stdout
/// @param noStdin whether its stdin is /dev/null
record ProcessScenario(
    String name, String script, boolean mergeStderr, boolean noStdin, Steps steps) {

  /// What is done. It appends what it sees.
  interface Steps {
    void run(Process process, List<String> seen) throws Exception;
  }

  /// Something that may fail.
  interface Throwing {
    void run() throws Exception;
  }

  private static final String CAT = "exec cat";
  private static final String WAIT = "echo up; while :; do sleep 0.05; done";

  static final List<ProcessScenario> ALL =
      List.of(
          of("exit codes", "exit 7", (p, seen) -> seen.add("" + p.waitFor() + p.exitValue())),
          of("an exit code of 256", "exit 256", (p, seen) -> seen.add("" + p.waitFor())),
          of("death by TERM", "kill -TERM $$", (p, seen) -> seen.add("" + p.waitFor())),
          of("death by SEGV", "kill -SEGV $$", (p, seen) -> seen.add("" + p.waitFor())),
          of("the environment", "echo \"$WORD\"", (p, seen) -> seen.add(text(p.getInputStream()))),
          of("both outputs", "echo out; echo err >&2", ProcessScenario::bothOutputs),
          of("a turn", CAT, ProcessScenario::turns),
          of("half close", "cat; echo more; exit 3", ProcessScenario::halfClose),
          of(
              "a stdout closed by the process",
              "exec >&-; read x; exit 4",
              ProcessScenario::itCloses),
          of("a stdin closed by the process", "exec <&-; " + WAIT, ProcessScenario::itClosesStdin),
          of("an output closed here", "yes", ProcessScenario::closeOutput),
          of("states", "read x; exit 5", ProcessScenario::states),
          of("states after the end", "exit 6", ProcessScenario::statesAfterwards),
          of("output after the end", "echo one; echo two >&2", ProcessScenario::readAfterwards),
          of("input after the end", "exit 0", ProcessScenario::writeAfterwards),
          of("output of a killed process", "printf abc; kill -KILL $$", ProcessScenario::killed),
          of("destroy", WAIT, (p, seen) -> destroyed(p, seen, false)),
          of("destroyForcibly", WAIT, (p, seen) -> destroyed(p, seen, true)),
          of("destroy what ignores it", "trap '' TERM; " + WAIT, ProcessScenario::stubborn),
          of("destroy what has ended", "echo out; exit 2", ProcessScenario::destroyAfterwards),
          of("destroy twice", WAIT, ProcessScenario::destroyTwice),
          of("close streams twice", "read x; exit 4", ProcessScenario::closeTwice),
          of("use of closed streams", "read x; exit 4", ProcessScenario::useClosed),
          of("interrupted waits", CAT, ProcessScenario::interrupted),
          of("waits that are not needed", "exit 0", ProcessScenario::interruptedAfterwards),
          of("onExit", "read x; exit 8", ProcessScenario::onExit),
          of("readers and writers", CAT, ProcessScenario::readers),
          of("a writer's buffer", CAT, ProcessScenario::writerBuffers),
          of("bad arguments", CAT, ProcessScenario::badArguments),
          of("reads of all kinds", "printf 0123456789", ProcessScenario::reads),
          of("much output", "seq 1 400000; seq 1 1000 >&2", ProcessScenario::much),
          of("much input", "md5sum", ProcessScenario::muchInput),
          merged("merged outputs", "echo 1; echo 2 >&2; echo 3", ProcessScenario::bothOutputs),
          withoutStdin("no stdin", "cat; echo done", ProcessScenario::noStdin));

  private static ProcessScenario of(String name, String script, Steps steps) {
    return new ProcessScenario(name, script, false, false, steps);
  }

  private static ProcessScenario merged(String name, String script, Steps steps) {
    return new ProcessScenario(name, script, true, false, steps);
  }

  private static ProcessScenario withoutStdin(String name, String script, Steps steps) {
    return new ProcessScenario(name, script, false, true, steps);
  }

  /// What a step throws: the nearest class of the JDK's.
  static String thrown(Throwing step) {
    try {
      step.run();
      return "nothing";
    } catch (IndexOutOfBoundsException e) {
      return "java.lang.IndexOutOfBoundsException"; // or a kind of it, which is nobody's promise
    } catch (Exception e) {
      Class<?> kind = e.getClass();
      while (!kind.getName().startsWith("java.")) {
        kind = kind.getSuperclass();
      }
      return kind.getName();
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean same(Supplier<Object> thing) {
    Object first = thing.get();
    return first == thing.get();
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void bothOutputs(Process p, List<String> seen) throws Exception {
    seen.add(text(p.getInputStream()));
    seen.add(text(p.getErrorStream()));
    seen.add("" + p.getInputStream().read() + p.waitFor());
  }

  private static void turns(Process p, List<String> seen) throws Exception {
    BufferedWriter out = p.outputWriter();
    BufferedReader in = p.inputReader();
    for (int i = 0; i < 100; i++) {
      out.write("turn " + i + "\n");
      out.flush();
      seen.add(in.readLine());
    }
    out.close();
    seen.add(String.valueOf(in.readLine()) + p.waitFor());
  }

  private static void halfClose(Process p, List<String> seen) throws Exception {
    try (OutputStream out = p.getOutputStream()) {
      out.write("last words\n".getBytes(StandardCharsets.UTF_8));
    }
    seen.add(text(p.getInputStream()) + p.waitFor());
  }

  private static void itCloses(Process p, List<String> seen) throws Exception {
    seen.add(text(p.getInputStream()) + p.isAlive());
    p.getOutputStream().close();
    seen.add("" + p.waitFor());
  }

  private static void itClosesStdin(Process p, List<String> seen) throws Exception {
    seen.add(String.valueOf(p.inputReader().readLine()));
    OutputStream out = p.getOutputStream();
    seen.add(
        thrown(() -> {
          while (true) {
            out.write(new byte[10_000]);
            out.flush();
          }
        }));
    seen.add("" + p.isAlive());
  }

  private static void closeOutput(Process p, List<String> seen) throws Exception {
    seen.add("" + p.getInputStream().read());
    p.getInputStream().close();
    seen.add("" + p.waitFor());
  }

  private static void states(Process p, List<String> seen) throws Exception {
    seen.add("" + p.isAlive() + (p.pid() > 0) + p.supportsNormalTermination());
    seen.add(thrown(p::exitValue));
    seen.add("" + p.waitFor(1, TimeUnit.MILLISECONDS) + p.waitFor(Duration.ZERO));
    seen.add("" + p.waitFor(-1, TimeUnit.DAYS) + p.waitFor(Duration.ofSeconds(-1)));
    p.getOutputStream().close();
    seen.add("" + p.waitFor() + p.isAlive() + p.exitValue());
  }

  private static void statesAfterwards(Process p, List<String> seen) throws Exception {
    seen.add("" + p.waitFor() + p.waitFor());
    seen.add("" + p.waitFor(Duration.ZERO) + p.waitFor(-1, TimeUnit.DAYS) + p.isAlive());
    seen.add("" + p.exitValue() + (p.pid() > 0));
  }

  private static void readAfterwards(Process p, List<String> seen) throws Exception {
    p.waitFor();
    seen.add(text(p.getInputStream()) + text(p.getErrorStream()));
    seen.add("" + p.getInputStream().read() + p.getInputStream().available());
    p.getInputStream().close();
    seen.add(thrown(() -> p.getInputStream().read()));
  }

  private static void writeAfterwards(Process p, List<String> seen) throws Exception {
    p.waitFor();
    // A local process's end of the pipe is closed by a thread of the JDK's, a moment after.
    p.onExit().get();
    OutputStream out = p.getOutputStream();
    seen.add(
        thrown(() -> {
          while (true) {
            out.write('x');
            out.flush();
          }
        }));
  }

  private static void killed(Process p, List<String> seen) throws Exception {
    seen.add("" + p.waitFor() + text(p.getInputStream()));
  }

  private static void destroyed(Process p, List<String> seen, boolean forcibly) throws Exception {
    seen.add("" + p.getInputStream().read());
    if (forcibly) {
      seen.add("" + p.destroyForcibly().equals(p));
    } else {
      p.destroy();
    }
    seen.add(thrown(() -> p.getInputStream().read()));
    seen.add(thrown(() -> p.getErrorStream().read()));
    seen.add(thrown(() -> write(p)));
    seen.add("" + p.waitFor() + p.isAlive());
  }

  private static void stubborn(Process p, List<String> seen) throws Exception {
    seen.add("" + p.getInputStream().read());
    p.destroy();
    seen.add("" + p.waitFor(200, TimeUnit.MILLISECONDS) + p.isAlive());
    seen.add("" + p.destroyForcibly().waitFor());
  }

  private static void destroyAfterwards(Process p, List<String> seen) throws Exception {
    p.waitFor();
    p.destroy();
    p.destroyForcibly();
    seen.add("" + p.exitValue() + thrown(() -> p.getInputStream().read()));
  }

  private static void destroyTwice(Process p, List<String> seen) throws Exception {
    seen.add("" + p.getInputStream().read());
    p.destroy();
    p.destroy();
    seen.add("" + p.waitFor());
    p.destroy();
    seen.add("" + p.exitValue());
  }

  private static void closeTwice(Process p, List<String> seen) throws Exception {
    for (int i = 0; i < 2; i++) {
      seen.add(thrown(() -> p.getOutputStream().close()));
      seen.add(thrown(() -> p.getInputStream().close()));
      seen.add(thrown(() -> p.getErrorStream().close()));
    }
    seen.add("" + p.waitFor());
  }

  private static void useClosed(Process p, List<String> seen) throws Exception {
    InputStream in = p.getInputStream();
    in.close();
    seen.add(thrown(in::read) + thrown(() -> in.read(new byte[1])) + thrown(in::available));
    seen.add(thrown(() -> in.read(new byte[0])) + thrown(() -> in.skip(1)));
    seen.add(thrown(in::readAllBytes));
    p.getOutputStream().close();
    seen.add(thrown(() -> write(p)));
    seen.add("" + p.waitFor());
  }

  private static void write(Process p) throws IOException {
    p.getOutputStream().write('x');
    p.getOutputStream().flush();
  }

  private static void interrupted(Process p, List<String> seen) {
    List<Throwing> waits =
        List.of(
            p::waitFor,
            () -> p.waitFor(1, TimeUnit.MINUTES),
            () -> p.waitFor(Duration.ofMinutes(1)),
            () -> p.onExit().get());
    for (Throwing wait : waits) {
      Thread.currentThread().interrupt();
      seen.add(thrown(wait) + Thread.interrupted() + p.isAlive());
    }
  }

  private static void interruptedAfterwards(Process p, List<String> seen) throws Exception {
    p.waitFor();
    Thread.currentThread().interrupt();
    seen.add(thrown(p::waitFor) + Thread.interrupted());
    Thread.currentThread().interrupt();
    seen.add(thrown(() -> p.waitFor(1, TimeUnit.MINUTES)) + Thread.interrupted());
    Thread.currentThread().interrupt();
    seen.add("" + p.exitValue() + p.getInputStream().read() + Thread.interrupted());
  }

  private static void onExit(Process p, List<String> seen) throws Exception {
    var cancelled = p.onExit();
    seen.add("" + cancelled.cancel(true) + p.isAlive());
    var exit = p.onExit();
    var other = exit.thenApply(q -> Thread.currentThread());
    seen.add("" + exit.isDone());
    p.getOutputStream().close();
    seen.add("" + other.get().equals(Thread.currentThread()));
    seen.add("" + exit.get().equals(p) + p.exitValue() + p.onExit().get().equals(p));
  }

  private static void readers(Process p, List<String> seen) throws Exception {
    seen.add("" + same(p::inputReader) + same(p::errorReader) + same(p::outputWriter));
    seen.add("" + same(p::getInputStream) + same(p::getErrorStream) + same(p::getOutputStream));
    seen.add(thrown(() -> p.inputReader(StandardCharsets.UTF_16)));
    seen.add(thrown(() -> p.errorReader(StandardCharsets.UTF_16)));
    seen.add(thrown(() -> p.outputWriter(StandardCharsets.UTF_16)));
    p.inputReader().close();
    seen.add(thrown(() -> p.inputReader().read()) + thrown(() -> p.getInputStream().read()));
  }

  private static void writerBuffers(Process p, List<String> seen) throws Exception {
    BufferedWriter writer = p.outputWriter(StandardCharsets.UTF_16BE);
    writer.write("é");
    writer.close();
    seen.add(List.of(p.getInputStream().read(), p.getInputStream().read()).toString());
    seen.add("" + p.getInputStream().read() + p.waitFor());
  }

  @SuppressWarnings("NullAway")
  private static void badArguments(Process p, List<String> seen) {
    seen.add(thrown(() -> p.waitFor(1, null)) + thrown(() -> p.waitFor(null)));
    seen.add(thrown(() -> p.inputReader(null)) + thrown(() -> p.outputWriter(null)));
    seen.add(thrown(() -> p.getOutputStream().write(null)));
    seen.add(thrown(() -> p.getOutputStream().write(new byte[2], 1, 2)));
    seen.add(thrown(() -> p.getInputStream().read(null)));
    seen.add(thrown(() -> p.getInputStream().read(new byte[2], -1, 2)));
    seen.add(thrown(() -> p.getInputStream().read(new byte[2], 1, 2)));
  }

  private static void reads(Process p, List<String> seen) throws Exception {
    p.waitFor();
    InputStream in = p.getInputStream();
    seen.add("" + in.read() + in.read(new byte[0]) + in.read(new byte[2], 0, 2));
    seen.add("" + in.available() + in.skip(2) + in.skip(-1) + in.skip(0) + in.available());
    seen.add("" + in.readNBytes(3).length + in.read(new byte[8], 3, 5) + in.read(new byte[8]));
  }

  private static void much(Process p, List<String> seen) throws Exception {
    CRC32 sum = new CRC32();
    p.getInputStream().transferTo(new CheckedOutputStream(OutputStream.nullOutputStream(), sum));
    seen.add(sum.getValue() + text(p.getErrorStream()) + p.waitFor());
  }

  private static void muchInput(Process p, List<String> seen) throws Exception {
    try (OutputStream out = p.getOutputStream()) {
      byte[] piece = new byte[77_777];
      for (int i = 0; i < 100; i++) {
        out.write(piece);
      }
    }
    seen.add(text(p.getInputStream()) + p.waitFor());
  }

  private static void noStdin(Process p, List<String> seen) throws Exception {
    seen.add(text(p.getInputStream()));
    seen.add(thrown(() -> write(p)));
    seen.add(thrown(() -> p.getOutputStream().close()) + p.waitFor());
  }
}
