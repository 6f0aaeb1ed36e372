package dev.msb.sdk;

import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.home.StartLock;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Changes of a sandbox that is there already: collected, then made all at once by [#apply]. Labels
/// change at once, all else with the sandbox's next start. Not for use by several threads.
public final class SandboxChange {
  private interface Step {
    void apply(List<String> env, SortedMap<String, String> labels);
  }

  private final SandboxDirectory directory;
  private final List<Step> steps = new ArrayList<>();
  private @Nullable String workingDirectory;
  private @Nullable String user;
  private @Nullable Boolean logOutput;
  private long idleMillis = -1;
  private long mostMillis = -1;
  private boolean ofVm;

  SandboxChange(SandboxDirectory directory) {
    this.directory = directory;
  }

  /// A variable for every process, instead of an earlier value.
  ///
  /// @throws IllegalArgumentException if that is no variable
  public SandboxChange env(String variable, String value) {
    if (variable.isEmpty() || variable.indexOf('=') >= 0) {
      throw new IllegalArgumentException("\"" + variable + "\" is no name of a variable");
    }
    removeEnv(variable);
    steps.add((env, labels) -> env.add(variable + "=" + value));
    return this;
  }

  /// Takes a variable away, if it is there.
  public SandboxChange removeEnv(String variable) {
    ofVm = true;
    steps.add((env, labels) -> env.removeIf(entry -> entry.startsWith(variable + "=")));
    return this;
  }

  /// The working directory of processes that name none; empty for /.
  public SandboxChange workingDirectory(String guestPath) {
    ofVm = true;
    workingDirectory = guestPath;
    return this;
  }

  /// The user of processes that name none; empty for root.
  public SandboxChange user(String guestUser) {
    ofVm = true;
    user = guestUser;
    return this;
  }

  /// Whether what its processes write is kept, see [SandboxBuilder#logOutput].
  public SandboxChange logOutput(boolean keep) {
    ofVm = true;
    logOutput = keep;
    return this;
  }

  /// See [SandboxBuilder#idleTimeout]; zero for none.
  public SandboxChange idleTimeout(Duration timeout) {
    ofVm = true;
    idleMillis = timeout.isZero() ? 0 : positiveMillis("idle timeout", timeout);
    return this;
  }

  /// See [SandboxBuilder#maxDuration]; zero for none.
  public SandboxChange maxDuration(Duration duration) {
    ofVm = true;
    mostMillis = duration.isZero() ? 0 : positiveMillis("maximum duration", duration);
    return this;
  }

  /// See [SandboxBuilder#label].
  public SandboxChange label(String name, String value) {
    checkLabel(name, value);
    steps.add((env, labels) -> labels.put(name, value));
    return this;
  }

  /// Takes a label away, if it is there.
  public SandboxChange removeLabel(String name) {
    steps.add((env, labels) -> labels.remove(name));
    return this;
  }

  /// Makes the changes. Waits for whoever starts the sandbox at the moment.
  ///
  /// @return whether the sandbox runs and some of them wait for its next start
  /// @throws NoSuchSandboxException if it was removed
  /// @throws SandboxException if they cannot be made; then none is
  public boolean apply() throws SandboxException, InterruptedException {
    try (StartLock lock = directory.lockForStart()) {
      lock.hold();
      SandboxConfig config = directory.config();
      List<String> env = new ArrayList<>(config.env());
      SortedMap<String, String> labels = new TreeMap<>(config.labels());
      steps.forEach(step -> step.apply(env, labels));
      SandboxConfig.Lifetime lifetime = config.lifetime();
      SandboxConfig.Builder builder =
          config.toBuilder()
              .env(env)
              .lifetime(
                  new SandboxConfig.Lifetime(
                      idleMillis < 0 ? lifetime.idleMillis() : idleMillis,
                      mostMillis < 0 ? lifetime.mostMillis() : mostMillis))
              .labels(labels);
      if (workingDirectory != null) {
        builder.workingDirectory(workingDirectory);
      }
      if (user != null) {
        builder.user(user);
      }
      if (logOutput != null) {
        builder.flag(SandboxConfig.Flag.LOG_OUTPUT, logOutput);
      }
      SandboxConfig changed = builder.build();
      changed.check();
      directory.config(changed);
      return ofVm && directory.isSupervised();
    } catch (NoSuchFileException e) {
      throw new NoSuchSandboxException(directory.name());
    } catch (IOException e) {
      throw SandboxException.of("cannot change sandbox \"" + directory.name() + "\"", e);
    }
  }

  static void checkLabel(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || !isLine(name) || !isLine(value)) {
      throw new IllegalArgumentException(
          "\"" + name + "=" + value + "\" is no label: use one line, with a name");
    }
  }

  private static boolean isLine(String text) {
    return text.chars().noneMatch(Character::isISOControl);
  }

  static long positiveMillis(String what, Duration duration) {
    long millis = duration.toMillis();
    if (millis <= 0) {
      throw new IllegalArgumentException("the " + what + " is " + duration + ", less than 1 ms");
    }
    return millis;
  }
}
