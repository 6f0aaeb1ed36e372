package dev.msb.sdk;

import dev.msb.home.Distribution;
import dev.msb.home.Entropy;
import dev.msb.home.MsbHome;
import dev.msb.home.SandboxConfig;
import dev.msb.home.SandboxDirectory;
import dev.msb.home.StartLock;
import dev.msb.image.ImageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What a sandbox is to be, until [#create]. Not for use by several threads.
public final class SandboxBuilder {
  /// The image that is always there.
  public static final String BUILT_IN_IMAGE = ImageSource.BUILT_IN;

  private static final int SMALLEST_MEBIBYTES = 96;
  private static final int SMALLEST_DISK_MEBIBYTES = 64;
  private static final int MOST_CPUS = 64;
  private static final Duration STOP_GRACE = Duration.ofSeconds(10);

  private final MsbHome home;
  private final String name;
  private ImageSource image = new ImageSource.BuiltIn();
  private PullPolicy pullPolicy = PullPolicy.IF_MISSING;
  private RegistryAccess registries = RegistryAccess.defaults();
  private ImageProgress imageProgress = ImageProgress.NONE;
  private String disk = "";
  private int cpus = 1;
  private MemorySize memory = MemorySize.mebibytes(512);
  private final List<String> env = new ArrayList<>();
  private String workingDirectory = "";
  private String user = "";
  private String accelerator = "auto";
  private boolean replace;
  private boolean ephemeral;
  private boolean detached;
  private long idleMillis;
  private long mostMillis;
  private final SortedMap<String, String> labels = new TreeMap<>();
  private final Scripts scripts = new Scripts();
  private boolean logOutput;
  private final TmpfsMounts tmpfs = new TmpfsMounts();
  private boolean cold;
  private Consumer<String> notices = line -> {};
  private Consumer<String> progress = line -> {};

  /// Of a sandbox that is given a name.
  SandboxBuilder(MsbHome home) {
    this(home, "msb-" + HexFormat.of().formatHex(Entropy.bytes(4)));
  }

  SandboxBuilder(MsbHome home, String name) {
    home.sandbox(name); // checks it
    this.home = home;
    this.name = name;
  }

  /// What it is made from; the built-in image if not called:
  ///
  /// - `busybox`, the built-in image;
  /// - the name of an image as Docker has it, such as `python:3.12`: pulled from its registry if it
  ///   is not here, see [#pull];
  /// - a path that starts with `/` or a dot, to a directory that holds a root and is copied, to a
  ///   tar of one, or to a squashfs file, which must stay where it is.
  ///
  /// @throws IllegalArgumentException if it is none of these
  public SandboxBuilder image(String reference) {
    image = ImageSource.parse(reference);
    return this;
  }

  /// When the image's registry is asked; [PullPolicy#IF_MISSING] if not called.
  public SandboxBuilder pull(PullPolicy policy) {
    pullPolicy = Objects.requireNonNull(policy);
    return this;
  }

  /// How registries are reached, over what `images.properties` in msb's home says.
  public SandboxBuilder registries(RegistryAccess access) {
    registries = Objects.requireNonNull(access);
    return this;
  }

  /// Hears how the image comes in, if it is not here, and how its root disk is made.
  public SandboxBuilder imageProgress(ImageProgress listener) {
    imageProgress = Objects.requireNonNull(listener);
    return this;
  }

  /// The size of the writable disk, which takes room only as it is filled; 4 GiB if not called. It
  /// is kept while the sandbox is stopped.
  ///
  /// @throws IllegalArgumentException if it is less than 64 MiB
  public SandboxBuilder disk(MemorySize size) {
    if (size.mebibytes() < SMALLEST_DISK_MEBIBYTES) {
      throw new IllegalArgumentException(
          "a disk of " + size.mebibytes() + " MiB, less than " + SMALLEST_DISK_MEBIBYTES);
    }
    disk = Long.toString((long) size.mebibytes() << 20);
    return this;
  }

  /// No disk: what is written is in the VM's memory, at most this much, and is lost when the
  /// sandbox stops.
  public SandboxBuilder diskInMemory(MemorySize most) {
    disk = "tmpfs:" + most.mebibytes();
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
    env.add(variable + "=" + Objects.requireNonNull(value));
    return this;
  }

  /// The working directory of processes that name none: a path in the guest, made at each start if
  /// it is missing; the image's, or /, if not called.
  public SandboxBuilder workingDirectory(String guestPath) {
    workingDirectory = Objects.requireNonNull(guestPath);
    return this;
  }

  /// The user of processes that name none: `NAME|UID[:GROUP|GID]` in the guest; the image's, or
  /// root, if not called.
  public SandboxBuilder user(String guestUser) {
    user = Objects.requireNonNull(guestUser);
    return this;
  }

  /// `auto` (KVM where a guest boots on it, else TCG), `kvm` or `tcg`. TCG is much slower, and its
  /// makers do not take it for a security boundary.
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

  /// The sandbox is removed with its disk when it stops, for whatever reason.
  public SandboxBuilder ephemeral() {
    ephemeral = true;
    return this;
  }

  /// The sandbox lives on when the object that [#create] returns is closed, or this JVM ends.
  public SandboxBuilder detached() {
    detached = true;
    return this;
  }

  /// The sandbox stops after this time, in whole milliseconds, without use: no process runs in it
  /// that was started from outside, and nobody is about to start one. If not called, it does not.
  ///
  /// @throws IllegalArgumentException if it is less than 1 ms
  public SandboxBuilder idleTimeout(Duration timeout) {
    idleMillis = SandboxChange.positiveMillis("idle timeout", timeout);
    return this;
  }

  /// The sandbox stops this time, in whole milliseconds, after its VM's start, whatever runs in it.
  /// If not called, it does not.
  ///
  /// @throws IllegalArgumentException if it is less than 1 ms
  public SandboxBuilder maxDuration(Duration duration) {
    mostMillis = SandboxChange.positiveMillis("maximum duration", duration);
    return this;
  }

  /// Something to know the sandbox by, instead of an earlier value of that name. See
  /// [SandboxInfo#labels].
  ///
  /// @throws IllegalArgumentException if the name is empty or has `=`, or either has a line break
  public SandboxBuilder label(String labelName, String value) {
    SandboxChange.checkLabel(labelName, value);
    labels.put(labelName, value);
    return this;
  }

  /// Boots the guest afresh at each start, and not from a template: the kernel's secrets of this
  /// boot (the seeds of its hash tables, its stack canaries) are then this sandbox's alone, and no
  /// page of its memory is shared with another sandbox. Where the kernel lies in memory is the same
  /// in every guest, also then.
  public SandboxBuilder cold() {
    cold = true;
    return this;
  }

  /// Mounts a file system in the guest's memory, for everybody to write to, at each start anew. It
  /// holds at most half of the memory.
  ///
  /// @param guestPath where, an absolute path; made if it is not there
  /// @throws IllegalArgumentException if nothing can be mounted there
  public SandboxBuilder tmpfs(String guestPath) {
    tmpfs.add(guestPath, 0);
    return this;
  }

  /// The same, which holds at most so much.
  ///
  /// @throws IllegalArgumentException if nothing can be mounted there
  public SandboxBuilder tmpfs(String guestPath, MemorySize most) {
    tmpfs.add(guestPath, most.mebibytes());
    return this;
  }

  /// Puts a script into the sandbox when it is made, as a command of this name: an executable file
  /// in `/.msb/scripts`, which stands first in PATH. One that does not begin with `#!` is
  /// `/bin/sh`'s. It lives on the sandbox's disk: with [#diskInMemory] it is gone after a stop.
  ///
  /// @throws IllegalArgumentException if that is no name for a script
  public SandboxBuilder script(String scriptName, String body) {
    scripts.add(scriptName, body);
    return this;
  }

  /// Keeps the last of what its processes write, 8 to 16 MiB, for [Sandbox#log]. Without this
  /// nothing is kept.
  public SandboxBuilder logOutput() {
    logOutput = true;
    return this;
  }

  /// Takes lines for people while the sandbox is made: one at a time, on the calling thread.
  public SandboxBuilder notices(Consumer<String> listener) {
    notices = Objects.requireNonNull(listener);
    return this;
  }

  /// Takes what is being done while the sandbox is started, for people to look at: a few words such
  /// as `booting`, one after the other, on the calling thread; an empty text when it is over.
  public SandboxBuilder progress(Consumer<String> listener) {
    progress = Objects.requireNonNull(listener);
    return this;
  }

  /// Makes the sandbox and starts it. Returns when it takes processes. Blocks for as long as the
  /// boot takes. Close the object returned: unless [#detached] was called, that stops the sandbox.
  ///
  /// @throws SandboxExistsException if there is one of that name
  /// @throws BootException if it does not come up; nothing of it is left then
  /// @throws SandboxException if anything else fails; nothing of it is left then
  /// @throws InterruptedException when interrupted; nothing of it is left then
  public Sandbox create() throws SandboxException, InterruptedException {
    SandboxDirectory directory = home.sandbox(name);
    try {
      Distribution.find();
      home.make();
      // Held until it is up and belongs to its creator: nobody finds it half made.
      Sandbox sandbox;
      try (StartLock lock = makeDirectory(directory)) {
        sandbox = launch(directory, lock);
      }
      writeScripts(sandbox);
      return sandbox;
    } catch (SandboxException e) {
      throw e;
    } catch (IOException e) {
      throw SandboxException.of("cannot create sandbox \"" + name + "\"", e);
    }
  }

  private void writeScripts(Sandbox sandbox) throws IOException, InterruptedException {
    if (scripts.isEmpty()) {
      return;
    }
    try {
      scripts.write(sandbox.files());
    } catch (IOException e) {
      sandbox.removeForcibly();
      throw e;
    }
  }

  private Sandbox launch(SandboxDirectory directory, StartLock lock)
      throws SandboxException, InterruptedException {
    String machineId = "";
    try {
      machineId = directory.config().machineId();
      return Sandbox.launch(directory, lock, machineId, !detached, notices, progress);
    } catch (InterruptedException | RuntimeException e) { // a listener's
      removeQuietly(directory, machineId, false);
      throw e;
    } catch (BootException e) {
      removeQuietly(directory, machineId, true);
      throw new BootException(e.getMessage() + " (see " + home.lastFailure() + ")");
    } catch (IOException e) {
      removeQuietly(directory, machineId, false);
      throw SandboxException.of("cannot start sandbox \"" + name + "\"", e);
    }
  }

  /// From the choice of the root disk until it stands in the sandbox's config, no image is removed.
  private StartLock makeDirectory(SandboxDirectory directory)
      throws IOException, InterruptedException {
    if (!replace && directory.exists()) {
      throw new SandboxExistsException(name);
    }
    ImageAccess images = new ImageAccess(home);
    ImageSource.Access access =
        new ImageSource.Access(
            images, pullPolicy, registries, new ImageProgressFeed(imageProgress));
    ImageStore.Use use = image instanceof ImageSource.BuiltIn ? () -> {} : images.store().use();
    try (use) {
      ImageSource.Resolved resolved = image.resolve(access, directory.path());
      try {
        SandboxConfig config = config(resolved);
        config.check();
        if (replace && directory.exists()) {
          Sandbox old = new Sandbox(directory);
          old.stop(STOP_GRACE);
          old.removeIfThere();
        }
        StartLock lock = directory.create(config, resolved.ownRootDisk());
        if (lock == null) {
          throw new SandboxExistsException(name);
        }
        return lock;
      } finally {
        if (resolved.ownRootDisk() != null) {
          Files.deleteIfExists(resolved.ownRootDisk());
        }
      }
    }
  }

  /// If it is ephemeral it has removed itself, and another one may have its name.
  private static void removeQuietly(
      SandboxDirectory directory, String machineId, boolean keepLogs) {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          directory.awaitUnsupervised();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (directory.config().machineId().equals(machineId)) {
        if (keepLogs) {
          directory.keepLogs();
        }
        directory.remove();
      }
    } catch (IOException e) {
      // the failure that led here is the one to report
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private SandboxConfig config(ImageSource.Resolved resolved) {
    byte[] machineId = Entropy.bytes(16);
    List<String> environment = new ArrayList<>(resolved.env());
    environment.addAll(env);
    scripts.addTo(environment);
    return SandboxConfig.builder(resolved.image())
        .cpus(cpus)
        .memoryMebibytes(memory.mebibytes())
        .env(List.copyOf(environment))
        .workingDirectory(
            workingDirectory.isEmpty() ? resolved.workingDirectory() : workingDirectory)
        .user(user.isEmpty() ? resolved.user() : user)
        .accelerator(accelerator)
        .machineId(HexFormat.of().formatHex(machineId))
        .createdMillis(System.currentTimeMillis())
        .disk(disk)
        .flag(SandboxConfig.Flag.COLD, cold)
        .flag(SandboxConfig.Flag.LOG_OUTPUT, logOutput)
        .flag(SandboxConfig.Flag.EPHEMERAL, ephemeral)
        .tmpfs(tmpfs.inOrder())
        .lifetime(new SandboxConfig.Lifetime(idleMillis, mostMillis))
        .labels(labels)
        .build();
  }
}
