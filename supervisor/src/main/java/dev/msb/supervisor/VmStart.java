package dev.msb.supervisor;

import dev.msb.home.Distribution;
import dev.msb.home.Log;
import dev.msb.home.MsbHome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Starts a sandbox's VM: from a template if there is one that fits, else afresh.
///
/// There are templates of two kinds. A new sandbox goes on from a guest that has mounted the same
/// image and an empty disk, of which it gets a copy. One that has written to its disk, or whose
/// image is its own, goes on from a guest that has looked at no disk.
///
/// The first start of a kind of machine in a home is always afresh, so that a home that is used
/// once pays for nothing. The second one makes the template and starts from it at once, which takes
/// 1.4 times as long as a boot; all later ones take it from there, in a quarter of that time.
/// `MSB_TEMPLATES=now` has the first start make it, `MSB_TEMPLATES=off` has no start make or use
/// one.
///
/// Nothing that goes wrong with a template fails a start: it then boots afresh, and the log says
/// why. A kind of machine for which making or starting fails is left alone for an hour: the disk
/// may have been full, and a try takes [#RESTORE_MILLIS] at worst.
final class VmStart {
  /// Has QEMU leave the memory in its file.
  static final String CAPABILITIES =
      "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":["
          + "{\"capability\":\"x-ignore-shared\",\"state\":true},"
          + "{\"capability\":\"events\",\"state\":true}]}}";

  private static final long RESTORE_MILLIS = 10_000;
  private static final Duration LEFT_ALONE = Duration.ofHours(1);
  private static final String FAILED = "failed";

  /// A VM that was started.
  ///
  /// @param greeting the READY of its agent if that was said before; else nothing
  record Started(Qemu qemu, ByteBuffer greeting) {}

  private final Templates templates;
  private final Distribution distribution;
  private final QemuCommandLine machine;
  private final UpperDisk upper;
  private final StartReport report;
  private final int signals;

  /// @param machine as it is started afresh
  /// @param upper its writable disk, which need not be there yet
  /// @param signals a descriptor that is readable when the start is to be given up
  VmStart(
      MsbHome home,
      Distribution distribution,
      QemuCommandLine machine,
      UpperDisk upper,
      StartReport report,
      int signals) {
    this.templates = new Templates(home);
    this.distribution = distribution;
    this.machine = machine;
    this.upper = upper;
    this.report = report;
    this.signals = signals;
  }

  /// Starts it; the calling thread becomes QEMU's.
  ///
  /// @param cold without a template
  /// @throws IOException if it cannot be started
  Started start(boolean cold) throws IOException {
    String wish = System.getenv("MSB_TEMPLATES");
    if (!cold && !"off".equals(wish)) {
      Started vm = startFromTemplate("now".equals(wish));
      if (vm != null) {
        return vm;
      }
    }
    report.progress("booting");
    upper.make();
    return new Started(launch(machine), ByteBuffer.allocate(0));
  }

  /// Starts a QEMU, whose words go to the log.
  static Qemu launch(QemuCommandLine words, int... fds) throws IOException {
    try {
      return Qemu.start(words, Log::line, fds);
    } finally {
      Log.line(String.join(" ", words.words())); // while it comes up
    }
  }

  private @Nullable Started startFromTemplate(boolean now) {
    TemplateKey key = null;
    try {
      QemuCommandLine toMake = machine.toMakeTemplate();
      List<String> disks = List.of();
      if (upper.isEmpty() && !upper.isBeside(root())) {
        Path itsUpper = templates.beingMade().resolve(Template.UPPER);
        toMake = machine.toMakeTemplateWithDisks(itsUpper);
        disks = List.of("root " + Template.identity(root()), "upper " + upper.identity());
      }
      key = TemplateKey.of(toMake, distribution, disks);
      try (Template template = find(key, toMake, now)) {
        return template == null ? null : restore(template, key, machine.fromTemplate(toMake));
      }
    } catch (InterruptedIOException e) {
      return null; // the caller sees to the signal
    } catch (IOException e) {
      Log.line("booting afresh: " + e.getMessage());
      if (key != null) {
        giveUp(key);
      }
      return null;
    }
  }

  private Path root() {
    return Objects.requireNonNull(machine.disks().root().file());
  }

  /// The template to start from, which may have to be made first.
  private @Nullable Template find(TemplateKey key, QemuCommandLine toMake, boolean now)
      throws IOException {
    Template there = openOrComplain(key);
    if (there != null) {
      return there;
    }
    String mark = templates.marked(key);
    if (mark == null && !now) {
      templates.mark(key, "started once");
      return null;
    }
    if (FAILED.equals(mark) && !now && templates.isMarkedWithin(LEFT_ALONE, key)) {
      return null;
    }
    if (!templates.hasRoomFor(machine.memoryMebibytes())) {
      Log.line("booting afresh: there is no room for a template");
      return null;
    }
    FileLock lock = templates.tryLock();
    if (lock == null) {
      Log.line("booting afresh: a template is being made");
      return null;
    }
    try {
      Template made = openOrComplain(key); // by whoever had the lock until now
      return made != null ? made : make(key, toMake);
    } finally {
      lock.acquiredBy().close();
    }
  }

  private @Nullable Template openOrComplain(TemplateKey key) {
    try {
      return Template.open(templates.directory(key), key);
    } catch (IOException e) {
      Log.line("template " + key.id() + " is not used: " + e.getMessage());
      return null;
    }
  }

  private @Nullable Template make(TemplateKey key, QemuCommandLine toMake) throws IOException {
    report.progress("making a template, from which sandboxes like this one will start faster");
    long begin = System.nanoTime();
    Path directory = templates.begin();
    try {
      if (!toMake.ahead().isEmpty() && !upper.isInMemory()) {
        upper.makeEmpty(directory.resolve(Template.UPPER));
      }
      new TemplateMaker(toMake, key, signals).make(directory);
      templates.publish(directory, key);
    } finally {
      templates.removeLeftovers();
    }
    Log.line(
        "made template " + key.id() + " in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    return Template.open(templates.directory(key), key);
  }

  private Started restore(Template template, TemplateKey key, QemuCommandLine words)
      throws IOException {
    if (template.upperFd() >= 0) {
      upper.makeFrom(template.upperFd());
    } else {
      upper.make();
    }
    Qemu qemu = launch(words, template.fds());
    boolean good = false;
    try {
      Qmp qmp = qemu.qmp();
      qmp.open(RESTORE_MILLIS);
      if (!qmp.greeting().equals(template.qemu())) {
        throw new IOException("template " + key.id() + " is of another QEMU");
      }
      qmp.execute(CAPABILITIES, RESTORE_MILLIS);
      qmp.execute(
          "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"fd:"
              + QemuCommandLine.STATE_FD
              + "\"}}",
          RESTORE_MILLIS);
      qmp.awaitEvent(RESTORE_MILLIS, "RESUME");
      // That its processors run does not mean that the guest does: its clock might not.
      AgentGreeting.ask(qemu, RESTORE_MILLIS);
      qmp.forgetEvents();
      template.touch();
      Log.line("started from template " + key.id());
      good = true;
      return new Started(qemu, template.greeting());
    } catch (IOException e) {
      throw new IOException("template " + key.id() + " does not start: " + e.getMessage(), e);
    } finally {
      if (!good) {
        qemu.end();
      }
    }
  }

  /// Leaves this kind of machine alone for a while.
  private void giveUp(TemplateKey key) {
    try {
      templates.mark(key, FAILED);
      FileLock lock = templates.tryLock();
      if (lock != null) {
        try {
          templates.remove(key);
        } finally {
          lock.acquiredBy().close();
        }
      }
    } catch (IOException e) {
      Log.line("cannot give up template " + key.id() + ": " + e.getMessage());
    }
  }
}
