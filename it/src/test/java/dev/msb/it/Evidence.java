package dev.msb.it;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;

/// Keeps what explains a failure, before the home of the test is removed: what was thrown, which
/// processes there were, and of each sandbox the state, the logs and the console.
///
/// It lies in `target/failures/CLASS.METHOD`, or in the directory that the configuration parameter
/// `msb.failures` names, of each file at most its end. What the test itself removed is gone.
public final class Evidence
    implements AfterTestExecutionCallback,
        InvocationInterceptor,
        LifecycleMethodExecutionExceptionHandler {
  private static final int MOST_BYTES = 256 * 1024;
  private static final int MOST_SANDBOXES = 16;
  private static final int MOST_FAILURES = 50;
  private static final Set<String> OF_SANDBOX =
      Set.of("state", "config", "supervisor.log", "console.log");
  private static final Set<String> OF_HOME = Set.of("events", "accelerator");

  @Override
  public void afterTestExecution(ExtensionContext context) {
    context.getExecutionException().ifPresent(failure -> keep(context, failure));
  }

  @Override
  public void interceptDynamicTest(
      Invocation<@Nullable Void> invocation,
      DynamicTestInvocationContext dynamic,
      ExtensionContext context)
      throws Throwable {
    try {
      invocation.proceed();
    } catch (Throwable failure) {
      keep(context, failure);
      throw failure;
    }
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw kept(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw kept(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw kept(context, failure);
  }

  @Override
  public void handleAfterAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw kept(context, failure);
  }

  private static Throwable kept(ExtensionContext context, Throwable failure) {
    keep(context, failure);
    return failure;
  }

  private static void keep(ExtensionContext context, Throwable failure) {
    boolean interrupted = Thread.interrupted(); // which would spoil what is written here
    try {
      Path all =
          Path.of(context.getConfigurationParameter("msb.failures").orElse("target/failures"));
      Path directory = directory(Files.createDirectories(all), name(context));
      if (directory != null) {
        Files.writeString(
            directory.resolve("failure"), context.getUniqueId() + "\n" + text(failure));
        for (Path home : Msb.homes()) {
          keepHome(home, directory);
        }
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e); // what failed is told in any case
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static String name(ExtensionContext context) {
    ExtensionContext named = context;
    while (named.getTestClass().isEmpty()) { // as that of a dynamic test
      named = named.getParent().orElseThrow();
    }
    return named.getRequiredTestClass().getSimpleName()
        + named.getTestMethod().map(Method::getName).map(method -> "." + method).orElse("");
  }

  /// A new one; null if there are enough.
  private static @Nullable Path directory(Path all, String name) throws IOException {
    for (int number = 1; number <= MOST_FAILURES; number++) {
      Path directory = all.resolve(number == 1 ? name : name + "-" + number);
      if (children(all).size() < MOST_FAILURES && !Files.exists(directory)) {
        return Files.createDirectory(directory);
      }
    }
    return null;
  }

  private static String text(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void keepHome(Path home, Path to) throws IOException {
    if (!Files.isDirectory(home.resolve("sandboxes"))) {
      return;
    }
    Path directory = Files.createDirectories(to.resolve(String.valueOf(home.getFileName())));
    Files.write(directory.resolve("processes"), processes(home));
    keepFiles(home, OF_HOME, directory);
    keepFiles(home.resolve("last-failure"), OF_SANDBOX, directory.resolve("last-failure"));
    List<Path> sandboxes = children(home.resolve("sandboxes"));
    for (Path sandbox : sandboxes.subList(0, Math.min(sandboxes.size(), MOST_SANDBOXES))) {
      keepFiles(sandbox, OF_SANDBOX, directory.resolve(String.valueOf(sandbox.getFileName())));
    }
  }

  private static void keepFiles(Path from, Set<String> names, Path to) throws IOException {
    for (Path file : children(from)) {
      String name = String.valueOf(file.getFileName());
      if (names.contains(name)) {
        Files.write(Files.createDirectories(to).resolve(name), end(file));
      }
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }

  private static byte[] end(Path file) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      open.seek(Math.max(0, open.length() - MOST_BYTES));
      byte[] bytes = new byte[MOST_BYTES];
      int count = 0;
      for (int more = 0; more >= 0 && count < bytes.length; count += Math.max(more, 0)) {
        more = open.read(bytes, count, bytes.length - count);
      }
      return Arrays.copyOf(bytes, count);
    } catch (IOException e) { // it may go at any time
      return e.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /// What this home's supervisors, QEMUs and commands are doing.
  private static List<String> processes(Path home) {
    List<String> lines = new ArrayList<>();
    ProcessHandle.allProcesses()
        .filter(process -> ofHome(process, home))
        .forEach(process ->
            lines.add(
                process.pid()
                    + " "
                    + proc(process, "stat").replaceFirst("(?s).*[)] (.).*", "$1")
                    + " "
                    + proc(process, "wchan")
                    + " "
                    + proc(process, "cmdline").replace('\0', ' ')));
    return lines;
  }

  private static boolean ofHome(ProcessHandle process, Path home) {
    return process.pid() != ProcessHandle.current().pid()
        && (proc(process, "cmdline").contains(home.toString())
            || proc(process, "environ").contains("MSB_HOME=" + home + "\0"));
  }

  private static String proc(ProcessHandle process, String file) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), file));
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // gone, or not ours
    }
  }
}
