package dev.msb.cli.commands;

import dev.msb.cli.commands.CopyRules.Kind;
import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.files.CopyLimitException;
import dev.msb.files.CopyOptions;
import dev.msb.files.CopySummary;
import dev.msb.files.FileInfo;
import dev.msb.files.GuestFiles;
import dev.msb.posix.Posix;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// `msb cp`: copies files and trees between this machine and sandboxes.
public final class CopyCommand implements Command {
  private static final int STDOUT = 1;

  private static final List<Option> OPTIONS =
      List.of(
          Option.flag("archive", 'a', "keep owners (numbers) and, here, modes whatever the umask"),
          Option.flag("follow-link", 'L', "copy what symbolic links point to"),
          Option.value("user", 'u', "USER[:GROUP]", "whose rights in the sandbox (root)"),
          Option.flag("sparse", 'S', "to -: holes of files are holes in the tar (GNU's format)"),
          Option.value("limit", '\0', "SIZE[,FILES]|none", "most to copy out (64G,10000000)"),
          Option.flag("quiet", 'q', "no progress and no notices"));

  @Override
  public String name() {
    return "cp";
  }

  @Override
  public String synopsis() {
    return "[OPTIONS] [NAME:]PATH|- [NAME:]PATH|-";
  }

  @Override
  public String summary() {
    return "copy files between here and sandboxes, or as a tar by - (stdin, stdout)";
  }

  @Override
  public List<Option> options() {
    return OPTIONS;
  }

  @Override
  public List<String> examples() {
    return List.of("msb cp /etc/hostname box:/tmp/", "msb cp box:/etc - | tar t");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> words = arguments.positional();
    if (words.size() != 2) {
      throw new UsageException("cp needs what to copy and where to");
    }
    CopyPlace from = CopyPlace.parse(words.get(0));
    CopyPlace to = CopyPlace.parse(words.get(1));
    if (from.sandbox() == null && to.sandbox() == null) {
      throw new UsageException("cp: neither is in a sandbox: write NAME:PATH");
    }
    if (to.isStream() && Posix.isatty(STDOUT) == 1) {
      throw new UsageException("cp: a tar does not go to a terminal");
    }
    String user = arguments.value("user");
    CopyProgress progress = new CopyProgress(arguments.has("quiet"));
    CopyOptions options = CopyLimit.of(arguments, from).tellingTo(progress);
    options = arguments.has("sparse") ? options.withSparseTar() : options;
    options = arguments.has("archive") ? options.keepingOwners() : options;
    options = arguments.has("follow-link") ? options.followingLinks() : options;
    CopySummary summary;
    try {
      summary = copy(from, to, user == null ? "0" : user, options);
    } catch (IOException e) {
      throw failure(from, to, e, progress);
    } finally {
      progress.end();
    }
    if (!arguments.has("quiet")) {
      tell(summary);
    }
    return ExitCodes.OK;
  }

  /// Why it failed, and what is there now.
  private static SandboxException failure(
      CopyPlace from, CopyPlace to, IOException e, CopyProgress progress) {
    SandboxException failure = SandboxException.of("cannot copy " + from + " to " + to, e);
    String more = e instanceof CopyLimitException ? "; --limit sets another limit" : "";
    if (!to.isStream() && progress.hasWhole()) {
      more += "; what was copied before stays there: " + progress.whole();
    }
    return more.isEmpty() ? failure : new SandboxException(failure.getMessage() + more, e);
  }

  private static void tell(CopySummary summary) {
    if (!summary.notEntered().isEmpty()) {
      Output.error(
          "left out, as the kernel makes them up: " + String.join(", ", summary.notEntered()));
    }
    if (summary.skippedCount() > 0) {
      Output.error("left out, as they are devices, FIFOs or sockets: " + summary.skippedCount());
    }
  }

  private static CopySummary copy(CopyPlace from, CopyPlace to, String user, CopyOptions options)
      throws IOException {
    String source = from.sandbox();
    String target = to.sandbox();
    if (source != null && target == null) {
      try (GuestFiles files = Sandbox.get(source).files().as(user)) {
        return to.isStream() ? pack(files, from, options) : out(files, from, to, options);
      }
    }
    try (GuestFiles files = Sandbox.get(Objects.requireNonNull(target)).files().as(user)) {
      if (from.isStream()) {
        InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
        return files.unpack(in, to.path(), options.keepingOwners());
      }
      if (source == null) {
        return in(Path.of(from.path()), from, files, to, options);
      }
      try (GuestFiles others = Sandbox.get(source).files().as(user);
          FileSystem system = others.fileSystem()) {
        return in(system.getPath(from.path()), from, files, to, options);
      }
    }
  }

  /// Into a sandbox.
  private static CopySummary in(
      Path source, CopyPlace from, GuestFiles files, CopyPlace to, CopyOptions options)
      throws IOException {
    boolean follow = options.followLinks() || from.endsWithSlash();
    Kind kind = kind(source, follow);
    if (kind == Kind.NONE) {
      throw new NoSuchFileException(from.path(), null, "no such file or directory");
    }
    Path named = follow ? source.toRealPath() : source;
    String target = to.path();
    Kind there = kind(files, target);
    if (CopyRules.goesInto(from, kind, to, there)) {
      target = target + "/" + (from.name().isEmpty() ? realName(source) : from.name());
    } else if (there == Kind.FILE) {
      target = realPath(files, target);
    }
    if (from.sandbox() != null && from.sandbox().equals(to.sandbox())) {
      refuseItself(named, kind, target);
    }
    return files.copyIn(named, target, options);
  }

  /// What is copied must not be what is replaced by it, nor have it in itself.
  private static void refuseItself(Path source, Kind kind, String target) throws IOException {
    Path from = placeOf(source);
    Path to = placeOf(source.getFileSystem().getPath(target));
    boolean file = kind == Kind.FILE && Files.exists(from) && Files.exists(to);
    if (to.equals(from) || (file && Files.isSameFile(from, to))) { // also a link to the target
      throw new FileSystemException(from.toString(), null, "source and target are the same");
    }
    if (kind == Kind.DIRECTORY && to.startsWith(from)) {
      throw new FileSystemException(from.toString(), null, "a directory is not copied into itself");
    }
  }

  /// A path whose directory is said without links.
  private static Path placeOf(Path path) throws IOException {
    Path parent = path.toAbsolutePath().normalize().getParent();
    Path name = path.toAbsolutePath().normalize().getFileName();
    return parent == null || name == null ? path : parent.toRealPath().resolve(name);
  }

  /// Out of a sandbox. The name is the one that was asked for, and never the guest's.
  private static CopySummary out(
      GuestFiles files, CopyPlace from, CopyPlace to, CopyOptions options) throws IOException {
    boolean follow = options.followLinks() || from.endsWithSlash();
    LinkOption[] links = follow ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
    Kind kind = files.stat(from.path(), links).isDirectory() ? Kind.DIRECTORY : Kind.FILE;
    String source = follow ? realPath(files, from.path()) : from.path();
    Path target = Path.of(to.path());
    Kind there = kind(target, true);
    if (CopyRules.goesInto(from, kind, to, there)) {
      target = target.resolve(from.name());
    } else if (there == Kind.FILE) {
      target = target.toRealPath();
    } else if (there == Kind.NONE && !Files.isDirectory(parent(target))) {
      throw new NoSuchFileException(parent(target).toString(), null, "no such file or directory");
    }
    return files.copyOut(source, target, options);
  }

  private static CopySummary pack(GuestFiles files, CopyPlace from, CopyOptions options)
      throws IOException {
    String name = from.meansContents() ? "" : from.name();
    OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
    return files.pack(from.path(), name, out, options);
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null ? path : parent;
  }

  /// Of `.` and `..`, whose name is not in the path.
  private static String realName(Path path) throws IOException {
    Path name = path.toRealPath().getFileName();
    return name == null ? "" : name.toString();
  }

  private static String realPath(GuestFiles files, String path) throws IOException {
    try (FileSystem system = files.fileSystem()) {
      return system.getPath(path).toRealPath().toString();
    }
  }

  private static Kind kind(Path path, boolean follow) {
    if (follow ? Files.isDirectory(path) : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return Kind.DIRECTORY;
    }
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? Kind.FILE : Kind.NONE;
  }

  private static Kind kind(GuestFiles files, String path) throws IOException {
    try {
      FileInfo info = files.stat(path);
      return info.isDirectory() ? Kind.DIRECTORY : Kind.FILE;
    } catch (NoSuchFileException e) {
      return files.exists(path) ? Kind.FILE : Kind.NONE; // a link that leads nowhere
    }
  }
}
