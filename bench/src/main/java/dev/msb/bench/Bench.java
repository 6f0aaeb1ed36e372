package dev.msb.bench;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures msb and prints a table. What is compared is measured in turns, so that what else the
/// machine does meets both.
final class Bench {
  private static final String SHORT = "--short";

  private final Bed bed;
  private final Sizes sizes;
  private int boxes;

  private Bench(Bed bed, Sizes sizes) {
    this.bed = bed;
    this.sizes = sizes;
  }

  public static void main(String[] words) throws IOException, InterruptedException {
    Path root = Path.of(words[0]);
    List<String> wanted = new ArrayList<>(List.of(words).subList(1, words.length));
    Sizes sizes = wanted.remove(SHORT) ? Sizes.SHORT : Sizes.FULL;
    boolean failed;
    try (Bed bed = new Bed(root)) {
      Map<String, Attempt.Measurement> all = new Bench(bed, sizes).measurements();
      if (!all.keySet().containsAll(wanted)) {
        System.err.println("bench: the rows are " + String.join(", ", all.keySet()));
        System.exit(2); // which closes the bed, too
      }
      Attempt attempt = new Attempt(bed, sizes.rowSeconds());
      System.out.println("| what | ratio | bar, beyond it | msb | compared with |");
      System.out.println("| --- | --- | --- | --- | --- |");
      for (Map.Entry<String, Attempt.Measurement> entry : all.entrySet()) {
        if (wanted.isEmpty() || wanted.contains(entry.getKey())) {
          attempt.make(entry.getKey(), entry.getValue());
        }
      }
      failed = attempt.failed();
    }
    System.exit(failed ? 1 : 0);
  }

  private Map<String, Attempt.Measurement> measurements() {
    Map<String, Attempt.Measurement> all = new LinkedHashMap<>();
    all.put("create", this::create);
    all.put("exec", this::exec);
    all.put("turn", this::turn);
    all.put("bulk", this::bulk);
    all.put("flood", this::flood);
    all.put("start", this::start);
    all.put("memory", this::density);
    return all;
  }

  // Starts.

  private List<Row> create() throws IOException, InterruptedException {
    createAndExec(new Series()); // makes the template
    Series warm = new Series();
    Series cold = new Series();
    for (int i = 0; i < sizes.creates(); i++) {
      createAndExec(warm);
      createAndExec(cold, "--cold");
    }
    return List.of(
        Row.faster(
            "create and first exec, to its first byte; cold boot", warm, cold, "ms", "8, 15"));
  }

  private void createAndExec(Series into, String... options)
      throws IOException, InterruptedException {
    String box = "create-" + boxes++;
    List<String> words = new ArrayList<>(List.of("create", "-q", "--name", box));
    words.addAll(List.of(options));
    long begin = System.nanoTime();
    Bed.run(bed.msb(words.toArray(String[]::new)));
    Process exec = bed.msb("exec", box, "--", "echo", "hello").start();
    if (exec.getInputStream().read() != 'h') {
      throw new IOException("no output");
    }
    into.add((System.nanoTime() - begin) / 1e6);
    exec.waitFor();
    Bed.run(bed.msb("stop", box));
    Bed.run(bed.msb("rm", box));
  }

  private List<Row> start() throws IOException, InterruptedException {
    Path source = Files.createDirectories(bed.work.resolve("hello")).resolve("Hello.java");
    Files.writeString(
        source,
        "public class Hello { public static void main(String[] a) { System.out.println(\"hello\"); } }");
    String jdk = System.getProperty("java.home");
    Bed.run(new ProcessBuilder(jdk + "/bin/javac", source.toString()));
    Series ours = new Series();
    Series hello = new Series();
    for (int i = 0; i < sizes.starts(); i++) {
      ours.add(Bed.time(bed.msb("--version")));
      hello.add(
          Bed.time(
              new ProcessBuilder(
                  jdk + "/bin/java", "-cp", source.getParent().toString(), "Hello")));
    }
    return List.of(Row.ofTheirs("msb --version; java Hello", ours, hello, "ms", "at most 1, 0.7"));
  }

  // A guest that ssh reaches, and one with nothing but the port.

  private interface Compared {
    List<Row> rows(String box) throws IOException, InterruptedException;
  }

  private List<Row> withSsh(Compared measurement) throws IOException, InterruptedException {
    String box = "ssh-" + boxes++;
    Bed.run(bed.msbWithNetwork("create", "-q", "--cold", "--name", box, bed.path("root")));
    Process server = bed.msb("exec", box, "--", "/start").redirectErrorStream(true).start();
    try {
      awaitServer(server);
      return measurement.rows(box);
    } finally {
      server.destroy();
      server.waitFor();
      Bed.run(bed.msb("stop", box));
      Bed.run(bed.msb("rm", box));
    }
  }

  private static void awaitServer(Process server) throws IOException {
    for (String line = server.inputReader().readLine();
        line == null || !line.contains("Not backgrounding");
        line = server.inputReader().readLine()) {
      if (line == null) {
        throw new IOException("no ssh server in the guest");
      }
    }
    Thread.ofVirtual().start(() -> drain(server));
  }

  private static void drain(Process server) {
    try {
      server.inputReader().transferTo(Writer.nullWriter());
    } catch (IOException e) {
      // it was ended
    }
  }

  private List<Row> exec() throws IOException, InterruptedException {
    return withSsh(box -> {
      Series ours = new Series();
      Series ssh = new Series();
      for (int i = 0; i < sizes.execs(); i++) {
        ours.add(Bed.time(bed.msb("exec", box, "--", "true")));
        ssh.add(Bed.time(new ProcessBuilder(bed.ssh("true"))));
      }
      return List.of(Row.faster("exec true; ssh, dropbear", ours, ssh, "ms", "4, 8"));
    });
  }

  private List<Row> turn() throws IOException, InterruptedException {
    return withSsh(box -> {
      Series ours = new Series();
      Series ssh = new Series();
      Series bare = new Series();
      Series process = new Series();
      try (Drive msb = bed.drive(bed.msb("exec", "--stream", box, "--", "cat"));
          Drive behind = bed.drivePort("p");
          Drive sshd = bed.drive(new ProcessBuilder(bed.ssh("cat")));
          Drive port = bed.drivePort("e")) {
        for (int round = -2; round < sizes.rounds(); round++) { // the first two warm up
          msb.turns(sizes.turns(), round < 0 ? new Series() : ours);
          port.turns(sizes.turns(), round < 0 ? new Series() : bare);
          behind.turns(sizes.turns(), round < 0 ? new Series() : process);
          sshd.turns(sizes.turns() / 3, round < 0 ? new Series() : ssh);
        }
      }
      return List.of(
          Row.ofTheirs("turn; bare port", ours, bare, "µs", "at most 2.5, 1.5"),
          Row.ofTheirs("turn; bare port, a process behind it", ours, process, "µs", "none"),
          Row.faster("turn; ssh", ours, ssh, "µs", "3, 6"));
    });
  }

  private List<Row> bulk() throws IOException, InterruptedException {
    return withSsh(box -> {
      List<Row> rows = new ArrayList<>(bulk(box, true));
      rows.addAll(bulk(box, false));
      return rows;
    });
  }

  /// @param out from the guest to the host
  private List<Row> bulk(String box, boolean out) throws IOException {
    int large = sizes.largeBytes();
    int small = sizes.smallBytes();
    Series ours = new Series();
    Series ssh = new Series();
    Series bare = new Series();
    Series process = new Series();
    try (Drive msb =
            bed.drive(bed.msb("exec", "--stream", box, "--", "sh", "-c", guest(out, large)));
        Drive sshd = bed.drive(new ProcessBuilder(bed.ssh(guest(out, small))));
        Drive port = bed.drivePort((out ? "r " : "s ") + large);
        Drive behind = bed.drivePort((out ? "R " : "S ") + large)) {
      for (int round = -1; round < sizes.transfers(); round++) {
        transfer(msb, out, large, round < 0 ? new Series() : ours);
        transfer(port, out, large, round < 0 ? new Series() : bare);
        transfer(behind, out, large, round < 0 ? new Series() : process);
        transfer(sshd, out, small, round < 0 ? new Series() : ssh);
      }
    }
    String way = out ? "bulk guest to host" : "bulk host to guest";
    return List.of(
        Row.ofTheirs(way + "; bare port", ours, bare, "MiB/s", "at least 0.7, 0.95"),
        Row.ofTheirs(way + "; bare port, a process behind it", ours, process, "MiB/s", "none"),
        Row.ofTheirs(way + "; ssh", ours, ssh, "MiB/s", "15, 25"));
  }

  private static String guest(boolean out, int bytes) {
    return out
        ? "while read line; do dd if=/dev/zero bs=64k count=" + bytes / 65536 + "; done 2>/dev/null"
        : "while dd of=/dev/null bs=64k iflag=fullblock count="
            + bytes / 65536
            + "; do echo; done 2>/dev/null";
  }

  private static void transfer(Drive drive, boolean out, int bytes, Series into)
      throws IOException {
    if (out) {
      drive.receive(bytes, into);
    } else {
      drive.send(bytes, into);
    }
  }

  private List<Row> flood() throws IOException, InterruptedException {
    String box = "flood-" + boxes++;
    Bed.run(bed.msb("create", "-q", "--name", box));
    Series idle = new Series();
    Series beside = new Series();
    try (Drive msb = bed.drive(bed.msb("exec", "--stream", box, "--", "cat"))) {
      msb.turns(2 * sizes.turns(), new Series());
      for (int round = 0; round < (sizes.rounds() + 1) / 2; round++) {
        msb.turns(sizes.turns() * 2 / 3, idle);
        Process flood =
            bed.msb("exec", box, "--", "cat", "/dev/zero")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        msb.turns(sizes.turns() / 6, new Series()); // until it flows
        msb.turns(sizes.turns() / 3, beside);
        flood.destroy();
        flood.waitFor();
      }
    }
    Bed.run(bed.msb("stop", box));
    return List.of(Row.ofTheirs("turn beside a flood; idle", beside, idle, "µs", "at most 4, 2"));
  }

  // Density.

  private List<Row> density() throws IOException, InterruptedException {
    int sandboxes = sizes.sandboxes();
    Density density = new Density(bed.work.resolve("home"));
    for (int i = 0; i < sandboxes; i++) {
      Bed.run(bed.msb("create", "-q", "--name", "idle-" + i));
    }
    // The first seconds of a guest are not idle.
    Thread.sleep(sizes.idleMillis() / 2);
    double all = density.mebibytes();
    double before = density.processorSeconds();
    long begin = System.nanoTime();
    Thread.sleep(sizes.idleMillis());
    double seconds = (System.nanoTime() - begin) / 1e9;
    double busy = (density.processorSeconds() - before) / seconds / sandboxes;
    for (int i = 1; i < sandboxes; i++) {
      Bed.run(bed.msb("stop", "idle-" + i));
    }
    double one = density.mebibytes();
    Bed.run(bed.msb("stop", "idle-0"));
    return List.of(
        new Row(
            "memory of each further sandbox, MiB",
            Series.number((all - one) / (sandboxes - 1)),
            "at most 45, 30",
            sandboxes + ": " + Series.number(all),
            "1: " + Series.number(one)),
        new Row(
            "processor time of an idle sandbox, % of a core",
            Series.number(100 * busy), "at most 1, 0.2", "", ""));
  }
}
