package dev.msb.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// The program `msb` as a user calls it, with a home of its own.
final class Msb {
  /// What a finished command left.
  record Result(int status, String stdout, String stderr) {
    /// The same, if it succeeded.
    Result ok() {
      if (status != 0) {
        throw new AssertionError("status " + status + ", stderr: " + stderr);
      }
      return this;
    }
  }

  private static final Path ROOT = Path.of(System.getProperty("msb.root", ".."));

  private static final Set<Path> HOMES = ConcurrentHashMap.newKeySet();

  private final Path home;
  private final Map<String, String> environment = new HashMap<>();
  private List<String> runner = List.of();

  /// With a home in which msb has been used before.
  Msb() throws IOException {
    this(UsedHome.make());
  }

  Msb(Path home) {
    this.home = home;
    HOMES.add(home);
  }

  /// Those that are not removed yet.
  static List<Path> homes() {
    return List.copyOf(HOMES);
  }

  /// Leaves a home out of those.
  static void forget(Path home) {
    HOMES.remove(home);
  }

  Path home() {
    return home;
  }

  Path sandbox(String name) {
    return home.resolve("sandboxes").resolve(name);
  }

  /// Sets a variable for the commands that follow.
  Msb with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /// Has the commands that follow run by these words, which they are put behind.
  Msb runBy(String... words) {
    runner = List.of(words);
    return this;
  }

  ProcessBuilder command(String... arguments) {
    List<String> words = new ArrayList<>(runner);
    words.add(ROOT.resolve("msb").toString());
    words.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("MSB_HOME", home.toString());
    builder.environment().putAll(environment);
    return builder;
  }

  /// The distribution under test.
  static Path dist() {
    String named = System.getenv("MSB_DIST");
    return named == null ? ROOT.resolve("dist") : Path.of(named);
  }

  /// A command in the same run-time image, without the launcher and with options of the JVM's.
  ProcessBuilder java(List<String> options, String... arguments) {
    ProcessBuilder builder = command(arguments);
    Path dist = dist();
    List<String> words = new ArrayList<>(List.of(dist.resolve("runtime/bin/java").toString()));
    words.addAll(options);
    words.addAll(
        List.of("-Dmsb.dist=" + dist.toAbsolutePath(), "-m", "dev.msb.cli/dev.msb.cli.Msb"));
    words.addAll(Arrays.asList(arguments));
    return builder.command(words);
  }

  /// Runs a command with nothing on stdin.
  Result run(String... arguments) throws IOException, InterruptedException {
    Process process = command(arguments).redirectInput(Path.of("/dev/null").toFile()).start();
    return finish(process);
  }

  /// Runs a command with these bytes on stdin.
  Result runWithInput(byte[] input, String... arguments) throws IOException, InterruptedException {
    Process process = command(arguments).start();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> written =
          threads.submit(() -> {
            try (var out = process.getOutputStream()) {
              out.write(input);
            }
            return null;
          });
      Result result = finish(process);
      try {
        written.get();
      } catch (ExecutionException e) {
        // the command did not want all of it: its result tells
      }
      return result;
    }
  }

  /// Waits for a command's end, reading both outputs.
  static Result finish(Process process) throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<byte[]> stdout = threads.submit(() -> process.getInputStream().readAllBytes());
      Future<byte[]> stderr = threads.submit(() -> process.getErrorStream().readAllBytes());
      return new Result(process.waitFor(), text(stdout), text(stderr));
    }
  }

  private static String text(Future<byte[]> bytes) throws InterruptedException {
    try {
      return new String(bytes.get(), StandardCharsets.UTF_8);
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  Result create(String name, String... more) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("create", "--name", name));
    words.addAll(Arrays.asList(more));
    return run(words.toArray(new String[0]));
  }

  Result sh(String name, String script) throws IOException, InterruptedException {
    return run("exec", name, "--", "sh", "-c", script);
  }

  /// The processes that have this home on their command line: supervisors and QEMUs.
  List<ProcessHandle> processes() {
    return ProcessHandle.allProcesses().filter(this::belongs).toList();
  }

  private boolean belongs(ProcessHandle handle) {
    if (handle.pid() == ProcessHandle.current().pid()) {
      return false;
    }
    try {
      String words = Files.readString(Path.of("/proc", Long.toString(handle.pid()), "cmdline"));
      return words.contains(home.toString());
    } catch (IOException e) {
      return false; // gone, or not ours
    }
  }

  ProcessHandle qemu() {
    return only(processes().stream().filter(Msb::isQemu).toList());
  }

  ProcessHandle supervisor() {
    return only(processes().stream().filter(Msb::isSupervisor).toList());
  }

  private static boolean isSupervisor(ProcessHandle handle) {
    return handle
        .info()
        .arguments()
        .map(List::of)
        .orElse(List.of())
        .contains("dev.msb.supervisor/dev.msb.supervisor.SupervisorMain");
  }

  private static boolean isQemu(ProcessHandle handle) {
    return handle.info().command().orElse("").contains("qemu");
  }

  private static ProcessHandle only(List<ProcessHandle> handles) {
    if (handles.size() != 1) {
      throw new AssertionError(
          "expected one process: " + handles.stream().map(h -> h.info().toString()).toList());
    }
    return handles.getFirst();
  }

  /// Waits until this home has no process any more.
  void awaitNoProcess() throws InterruptedException {
    for (ProcessHandle handle : processes()) {
      try {
        handle.onExit().get();
      } catch (ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  /// Stops and removes everything; fails if anything is left.
  void removeAll() throws IOException, InterruptedException {
    environment.clear();
    Result list = run("ls", "-q");
    for (String name : list.stdout().lines().toList()) {
      run("rm", "-f", name);
    }
    awaitNoProcess();
    List<String> left = run("ls", "-q").stdout().lines().toList();
    deleteTree(home);
    forget(home);
    if (!left.isEmpty()) {
      throw new AssertionError("sandboxes are left: " + left);
    }
  }

  static void deleteTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
