package dev.msb.sdk;

import dev.msb.supervisor.Distribution;
import dev.msb.supervisor.MsbHome;
import dev.msb.supervisor.SandboxConfig;
import dev.msb.supervisor.SandboxDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// What a sandbox is to be, until [#create]. Not for use by several threads.
public final class SandboxBuilder {
  /// The image that is always there.
  public static final String BUILT_IN_IMAGE = "busybox";

  private static final int SMALLEST_MEBIBYTES = 96;
  private static final int MOST_CPUS = 64;
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);

  private final MsbHome home;
  private final String name;
  private String image = BUILT_IN_IMAGE;
  private int cpus = 1;
  private MemorySize memory = MemorySize.mebibytes(512);
  private final List<String> env = new ArrayList<>();
  private String workingDirectory = "";
  private String user = "";
  private String accelerator = "auto";
  private boolean replace;
  private boolean ephemeral;
  private Consumer<String> notices = line -> {};

  SandboxBuilder(MsbHome home, String name) {
    home.sandbox(name); // checks it
    this.home = home;
    this.name = name;
  }

  /// The image it is made from: `busybox`, the built-in one, or a path with a slash to a squashfs
  /// file that holds a root. The file must stay where it is. The built-in one if not called.
  ///
  /// @throws IllegalArgumentException if there is no such image
  public SandboxBuilder image(String reference) {
    if (reference.indexOf('/') >= 0) {
      Path file = Path.of(reference).toAbsolutePath().normalize();
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("there is no image file " + reference);
      }
      image = file.toString();
    } else if (reference.equals(BUILT_IN_IMAGE)) {
      image = reference;
    } else {
      throw new IllegalArgumentException(
          "there is no image \""
              + reference
              + "\": name "
              + BUILT_IN_IMAGE
              + ", the built-in one, or the path of a squashfs file");
    }
    return this;
  }

  /// Virtual processors, 1 to 64; 1 if not called.
  public SandboxBuilder cpus(int count) {
    if (count < 1 || count > MOST_CPUS) {
      throw new IllegalArgumentException(count + " cpus, not 1 to " + MOST_CPUS);
    }
    cpus = count;
    return this;
  }

  /// The VM's memory, at least 96 MiB; 512 MiB if not called.
  public SandboxBuilder memory(MemorySize size) {
    if (size.mebibytes() < SMALLEST_MEBIBYTES) {
      throw new IllegalArgumentException(
          "memory of " + size.mebibytes() + " MiB, less than " + SMALLEST_MEBIBYTES);
    }
    memory = size;
    return this;
  }

  /// A variable for every process in the sandbox.
  public SandboxBuilder env(String variable, String value) {
    if (variable.isEmpty() || variable.indexOf('=') >= 0) {
      throw new IllegalArgumentException("\"" + variable + "\" is no name of a variable");
    }
    env.add(variable + "=" + value);
    return this;
  }

  /// The working directory of processes that name none: a path in the guest; / if not called.
  public SandboxBuilder workingDirectory(String guestPath) {
    workingDirectory = guestPath;
    return this;
  }

  /// The user of processes that name none: `NAME|UID[:GROUP|GID]` in the guest; root if not called.
  public SandboxBuilder user(String guestUser) {
    user = guestUser;
    return this;
  }

  /// `auto` (KVM where a guest boots on it, else TCG), `kvm` or `tcg`.
  public SandboxBuilder accelerator(String choice) {
    if (!Set.of("auto", "kvm", "tcg").contains(choice)) {
      throw new IllegalArgumentException("accelerator \"" + choice + "\", not auto, kvm or tcg");
    }
    accelerator = choice;
    return this;
  }

  /// Stops and removes a sandbox of the same name first.
  public SandboxBuilder replace() {
    replace = true;
    return this;
  }

  /// The sandbox ends, and is removed with its disk, when the last of its processes' drivers has
  /// gone; also when this JVM is killed.
  public SandboxBuilder ephemeral() {
    ephemeral = true;
    return this;
  }

  /// Takes lines for people while the sandbox is made: one at a time, on the calling thread.
  public SandboxBuilder notices(Consumer<String> listener) {
    notices = listener;
    return this;
  }

  /// Makes the sandbox and starts it. Returns when it takes processes. Blocks for as long as the
  /// boot takes.
  ///
  /// @throws SandboxExistsException if there is one of that name
  /// @throws BootException if it does not come up; nothing of it is left then
  /// @throws SandboxException if anything else fails; nothing of it is left then
  public Sandbox create() throws SandboxException {
    SandboxDirectory directory = home.sandbox(name);
    try {
      Distribution.find();
      home.make();
      if (replace && directory.exists()) {
        Sandbox old = new Sandbox(directory);
        old.stop(STOP_GRACE);
        old.remove();
      }
      if (!directory.create(config())) {
        throw new SandboxExistsException(name);
      }
    } catch (IOException e) {
      throw SandboxException.of("cannot create sandbox \"" + name + "\"", e);
    }
    Sandbox sandbox = new Sandbox(directory);
    try {
      sandbox.launch(ephemeral, notices);
    } catch (SandboxException e) {
      removeQuietly(directory);
      throw e;
    }
    return sandbox;
  }

  private static void removeQuietly(SandboxDirectory directory) {
    try {
      directory.awaitUnsupervised();
      if (Files.exists(directory.path())) {
        directory.remove();
      }
    } catch (IOException e) {
      // the failure that led here is the one to report
    }
  }

  private SandboxConfig config() {
    byte[] machineId = new byte[16];
    new SecureRandom().nextBytes(machineId);
    return new SandboxConfig(
        image,
        cpus,
        memory.mebibytes(),
        List.copyOf(env),
        workingDirectory,
        user,
        accelerator,
        HexFormat.of().formatHex(machineId),
        System.currentTimeMillis(),
        ephemeral);
  }
}
