package dev.msb.posix;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The system calls that the JDK lacks. Needs Linux 5.9, on x86-64 or arm64.
///
/// **Results.** A call returns a value of at least 0, or `-errno`: `-Posix.EAGAIN` and so on. It
/// throws nothing, so the paths that see many bytes need no handlers; [#check] makes an exception
/// of a result where one is wanted. `-EINVAL` is also what an argument gets that is null, too
/// short, or out of range.
///
/// **Descriptors** are plain numbers and belong to the caller. All that are made here are
/// close-on-exec. Closing one in one thread while another uses it is as dangerous as in C: the
/// number may be somebody else's by then.
///
/// **Threads.** Every call may be made by any thread. A blocking call blocks the platform thread,
/// and the carrier with it if the thread is virtual; no interrupt ends it, and a JVM that ends
/// while a thread is in one waits 300 ms for it. Wait in [#poll] with a descriptor that wakes it.
///
/// **Paths** are bytes as the kernel takes them, without a zero.
///
/// Where the library cannot be loaded, or this module was not given native access
/// (`--enable-native-access`), [#available] is false, [#check] and [#message] still work, and
/// everything else throws [UnsatisfiedLinkError].
public final class Posix {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int ENOEXEC = 8;
  public static final int EBADF = 9;
  public static final int ECHILD = 10;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ENOSPC = 28;
  public static final int EPIPE = 32;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int EOVERFLOW = 75;
  public static final int ENOTSOCK = 88;
  public static final int EADDRINUSE = 98;
  public static final int ECONNRESET = 104;
  public static final int ENOTCONN = 107;
  public static final int ECONNREFUSED = 111;

  public static final short POLLIN = 0x1;
  public static final short POLLOUT = 0x4;

  /// Of a pipe's writing end: nobody reads any more. Reported whether asked for or not.
  public static final short POLLERR = 0x8;

  /// Reported whether asked for or not, like [#POLLNVAL].
  public static final short POLLHUP = 0x10;

  public static final short POLLNVAL = 0x20;

  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = 0x800;

  public static final int LOCK_SH = 1;
  public static final int LOCK_EX = 2;
  public static final int LOCK_NB = 4;
  public static final int LOCK_UN = 8;

  public static final int SEEK_SET = 0;
  public static final int SEEK_CUR = 1;

  public static final int SHUT_RD = 0;
  public static final int SHUT_WR = 1;
  public static final int SHUT_RDWR = 2;

  public static final int S_IFIFO = 0x1000;
  public static final int S_IFCHR = 0x2000;
  public static final int S_IFDIR = 0x4000;
  public static final int S_IFBLK = 0x6000;
  public static final int S_IFREG = 0x8000;
  public static final int S_IFSOCK = 0xc000;

  public static final int SIGHUP = 1;
  public static final int SIGINT = 2;
  public static final int SIGQUIT = 3;
  public static final int SIGKILL = 9;
  public static final int SIGUSR1 = 10;
  public static final int SIGUSR2 = 12;
  public static final int SIGPIPE = 13;
  public static final int SIGTERM = 15;
  public static final int SIGCHLD = 17;
  public static final int SIGCONT = 18;
  public static final int SIGSTOP = 19;
  public static final int SIGTSTP = 20;
  public static final int SIGWINCH = 28;

  /// Flag of [#waitpid]: return 0 if nothing has ended yet.
  public static final int WNOHANG = 1;

  /// Flag of [#spawn]: the child leads a session of its own and has no controlling terminal.
  public static final int NEW_SESSION = 1;

  /// Flag of [#spawn]: the kernel kills the child (KILL) when its parent ends, however that ends.
  ///
  /// The parent is the _thread_ that called spawn, not the process: the child is also killed when
  /// that thread ends, or, for a virtual thread, its carrier. Spawn from a platform thread that
  /// stays; `main` does, as it waits for the end of the JVM even after it has returned. A set-uid
  /// program or one with file capabilities escapes.
  public static final int DIE_WITH_PARENT = 2;

  /// Flag of [#spawn]: neither the child nor its children gain privileges by set-uid programs.
  public static final int NO_NEW_PRIVS = 4;

  /// Flag of [#spawn]: a crash of the child or of its children leaves no core file.
  public static final int NO_CORE = 8;

  private static final boolean AVAILABLE = load();

  private Posix() {}

  @SuppressWarnings("restricted")
  private static boolean load() {
    if (!Posix.class.getModule().isNativeAccessEnabled()) {
      return false; // not tried, as the JVM would warn of it on stderr
    }
    try {
      String file = System.getProperty("msb.native");
      if (file == null) {
        System.loadLibrary("msb");
      } else {
        System.load(file);
      }
      return true;
    } catch (UnsatisfiedLinkError | IllegalCallerException e) {
      return false;
    }
  }

  /// Whether the library was found and may be used.
  public static boolean available() {
    return AVAILABLE;
  }

  /// Returns `result`, the result of a call, if it is no error.
  ///
  /// @param what what was tried; the exception says `what: No such file or directory (ENOENT)`
  /// @throws IOException if `result` is negative
  public static int check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + message(-result));
    }
    return result;
  }

  /// Returns the kernel's English text and the name of an errno, which is positive: `Broken pipe
  /// (EPIPE)`.
  public static String message(int errno) {
    return AVAILABLE ? describe(errno) : "errno " + errno;
  }

  private static native String describe(int errno);

  // Sockets

  /// Connects to a unix stream socket and returns a blocking descriptor. Paths of any length up to
  /// 4095 bytes, beyond the 107 of the socket API too (through `/proc`). Blocks while the
  /// listener's backlog is full.
  ///
  /// `-ENOENT`: no such file; `-ECONNREFUSED`: nobody listens.
  public static native int connect(byte[] path);

  /// Listens on a new unix stream socket of mode 0600 and returns a non-blocking descriptor.
  ///
  /// The file has its mode from its first instant and the umask, which all threads share, is left
  /// alone (it can only take bits away). Long paths as with [#connect], the last name up to about
  /// 80 bytes.
  ///
  /// `-EADDRINUSE`: the file exists, whether or not somebody listens; [#unlink] is the caller's.
  ///
  /// @param backlog how many connections wait for [#accept] until connecting blocks
  public static native int listen(byte[] path, int backlog);

  /// Accepts a connection and returns a non-blocking descriptor; `-EAGAIN` if there is none.
  public static native int accept(int fd);

  /// Returns the user who connected, or who listened, as of then (`SO_PEERCRED`).
  ///
  /// `-ENOTCONN`: no peer; `-EOVERFLOW`: a user of 2^31 or more.
  public static native int peerUid(int fd);

  /// Makes two connected unix stream sockets, both blocking.
  ///
  /// @param two receives the descriptors
  public static native int socketpair(int[] two);

  /// Sets `SO_SNDBUF` in bytes and returns what the kernel made of it: twice the number, which is
  /// first limited by `net.core.wmem_max`. For a unix socket this bounds what is under way.
  public static native int sendBuffer(int fd, int bytes);

  /// Sets `SO_RCVBUF` in bytes and returns what the kernel made of it, as [#sendBuffer]. Unix
  /// sockets do not heed it.
  public static native int receiveBuffer(int fd, int bytes);

  /// Shuts down one or both directions: [#SHUT_RD], [#SHUT_WR], [#SHUT_RDWR].
  public static native int shutdown(int fd, int how);

  // Descriptors

  /// Makes a pipe, both ends blocking.
  ///
  /// @param two receives the reading end, then the writing end
  public static native int pipe(int[] two);

  /// Returns the capacity of a pipe in bytes.
  public static native int pipeSize(int fd);

  /// Sets the capacity of a pipe and returns what it got, in bytes, which is no less.
  ///
  /// `-EBUSY`: it holds more now; `-EPERM`: beyond `/proc/sys/fs/pipe-max-size`, or the user has
  /// too much in pipes.
  public static native int setPipeSize(int fd, int bytes);

  /// Sets or clears `O_NONBLOCK`. It belongs to the open file, so it changes also for every other
  /// process that has inherited it: think before doing this to the standard streams.
  public static native int nonBlocking(int fd, boolean on);

  /// Reads up to `length` bytes to `offset` of a direct, writable buffer, whose position and limit
  /// neither count nor change.
  ///
  /// Returns the number of bytes, 0 at the end of the file; `-EAGAIN` if there are none yet and the
  /// descriptor is non-blocking. Interrupted calls are repeated.
  public static native int read(int fd, ByteBuffer direct, int offset, int length);

  /// Writes up to `length` bytes from `offset` of a direct buffer, whose position and limit neither
  /// count nor change. Returns the number of bytes, which may be fewer than `length`.
  ///
  /// `-EPIPE`: nobody reads any more (HotSpot keeps SIGPIPE away); `-EAGAIN`: it would block.
  public static native int write(int fd, ByteBuffer direct, int offset, int length);

  /// Writes from two direct buffers in one call (`writev`), such as a header and its payload.
  /// Returns the number of bytes of both together, which may end within either.
  public static native int write2(
      int fd,
      ByteBuffer first,
      int offset1,
      int length1,
      ByteBuffer second,
      int offset2,
      int length2);

  /// Waits until a descriptor is ready and returns how many are.
  ///
  /// A signal handled by the calling thread ends a wait with a time-out early, with 0; a wait
  /// without one goes on.
  ///
  /// @param fds the descriptors; negative ones are passed over
  /// @param events what to wait for: [#POLLIN], [#POLLOUT]
  /// @param revents receives what is there, 0 for descriptors that are not ready
  /// @param n how many elements of the arrays count, at most 4096
  /// @param timeoutMillis milliseconds; 0 returns at once, a negative number waits for ever
  public static native int poll(
      int[] fds, short[] events, short[] revents, int n, int timeoutMillis);

  /// Closes a descriptor. Never call it twice for the same one, not even after an error.
  public static native int close(int fd);

  /// Makes `to` another name of `from`, closing what it was, and returns it. Unlike all other
  /// descriptors here it is inherited across exec, as it is meant for the standard streams.
  public static native int dup2(int from, int to);

  /// Locks an open file: [#LOCK_SH], [#LOCK_EX] or [#LOCK_UN], with [#LOCK_NB] for `-EAGAIN`
  /// instead of waiting. The lock belongs to the open file: it is gone when the last copy of the
  /// descriptor is closed, in this process or in one that inherited it.
  public static native int flock(int fd, int operation);

  // Files

  /// Opens a file and returns the descriptor. A FIFO may block.
  ///
  /// @param flags `O_` constants; O_CLOEXEC is always added
  /// @param mode permissions, less the umask, if the file is made
  public static native int open(byte[] path, int flags, int mode);

  /// Returns where data begins in a file, at this offset or behind it; `-ENXIO` if there is none.
  /// Moves the file offset.
  public static native long seekData(int fd, long offset);

  /// Returns where a hole begins in a file, at this offset or behind it; its end counts as one.
  /// Moves the file offset.
  public static native long seekHole(int fd, long offset);

  /// Removes a name that is no directory's.
  public static native int unlink(byte[] path);

  /// Blocks until what was written is on the disk.
  public static native int fsync(int fd);

  /// Returns what kind of file this is: one of the `S_IF` constants.
  public static native int fileType(int fd);

  /// Moves the offset of an open file, which all share who have a copy of the descriptor.
  ///
  /// @param whence [#SEEK_SET] or [#SEEK_CUR]
  /// @return the new offset
  public static native long lseek(int fd, long offset, int whence);

  /// Makes `to` a copy of `from`, leaving out holes, without a copy of the bytes where the file
  /// system can share them.
  ///
  /// Both are regular files and not the same one (`-EINVAL`); what `to` had before is lost, also
  /// when the call fails. `from` must not change meanwhile: if it shrinks, `-EIO`. Moves the file
  /// offset of `from`. Blocks for as long as the copy takes.
  public static native int copySparse(int from, int to);

  // Terminals

  /// Returns 1 for a terminal, 0 for any other descriptor, `-EBADF` for none.
  public static native int isatty(int fd);

  /// Makes a terminal raw (bytes pass as they are, both ways; no echo, no signals from keys) once
  /// its output has drained, and returns the mode that it had, for [#restoreMode]; null if it is no
  /// terminal. In a background process group the kernel stops the process instead (SIGTTOU).
  ///
  /// @param output false to leave what is written to the terminal as it was treated before
  public static native byte @Nullable [] rawMode(int fd, boolean output);

  /// Gives a terminal a mode that [#rawMode] returned. In a background process group it does
  /// nothing: whoever has the terminal now has given it the mode that he wants, and the kernel
  /// would stop us for it.
  public static native int restoreMode(int fd, byte[] saved);

  /// Returns `rows << 16 | columns` of a terminal. Both may be 0: the size is not known.
  public static native int windowSize(int fd);

  // Processes

  /// Starts a program and returns its process number; [#waitpid] is then the caller's duty.
  ///
  /// Returns when the program runs, and blocks the calling thread, no other, until then. The child
  /// has no signal blocked, and all dispositions are default, unlike those of a child of
  /// ProcessBuilder. Its umask and resource limits are ours.
  ///
  /// An error is that of the step in the child that failed, and then no child is left: `-ENOENT`
  /// (program, its interpreter, or directory), `-EACCES`, `-ENOEXEC` (no shell is tried), `-EPERM`
  /// (identity).
  ///
  /// @param argv the words; the first is also the program. Without a slash it is searched for in
  ///   the PATH of this process, whose empty elements are passed over; a relative path is relative
  ///   to `cwdOrNull`
  /// @param env the whole environment, `NAME=value`
  /// @param fds the child's descriptor `i` is `fds[i]`, `/dev/null` where that is negative; the
  ///   child has no others. At most 1024
  /// @param cwdOrNull the working directory, entered as the new user; null keeps ours
  /// @param flags [#NEW_SESSION], [#DIE_WITH_PARENT], [#NO_NEW_PRIVS], [#NO_CORE], or 0
  /// @param uid the user, or -1 to keep ours
  /// @param gid the group, or -1 to keep ours. With a user or a group all supplementary groups are
  ///   dropped, which takes root, and memory is copied as by fork: a few milliseconds more
  public static native int spawn(
      byte[][] argv,
      byte[][] env,
      int[] fds,
      byte @Nullable [] cwdOrNull,
      int flags,
      int uid,
      int gid);

  /// Returns a descriptor that is readable, in [#poll], when the process has ended. It is certain
  /// to be of that process only while nobody has waited for it.
  public static native int pidfd(int pid);

  /// Waits for a child and returns its number, or 0 with [#WNOHANG] if it still runs.
  ///
  /// `-ECHILD`: no such child, or it has been waited for. Never pass -1: the JVM waits for its own
  /// children.
  ///
  /// @param statusOut receives the wait status at 0; [#exitStatus] reads it
  public static native int waitpid(int pid, int[] statusOut, int flags);

  /// Returns the exit status in a wait status, 0 to 255, or 128 and the signal, as a shell does.
  public static int exitStatus(int waitStatus) {
    int signal = waitStatus & 0x7f;
    return signal == 0 ? waitStatus >> 8 & 0xff : 128 + signal;
  }

  /// Sends a signal; a negative `pid` means a process group, the signal 0 only asks.
  public static native int kill(int pid, int signal);

  /// Returns the number of this process.
  public static native int getpid();

  /// Returns the real user of this process; `-EOVERFLOW` for one of 2^31 or more.
  public static native int getuid();

  /// Ends the process at once: no shutdown hooks, no flushing, no waiting for threads that are
  /// blocked in a call.
  ///
  /// @param status 0 to 255
  public static native void exit(int status);

  // Signals

  /// Has signals written to a pipe, each as one byte with its number, and returns the non-blocking
  /// reading end.
  ///
  /// There is one pipe for the process: later calls add signals and return the same descriptor,
  /// which must stay open. Signals that come faster than they are handled may be merged by the
  /// kernel, CHLD in particular.
  ///
  /// The handlers replace those of the JVM, with and without `-Xrs`: INT, TERM and HUP no longer
  /// run shutdown hooks, QUIT no longer dumps threads. `sun.misc.Signal` for the same signal would
  /// replace them in turn, and `-Xcheck:jni` remarks on them. USR2 is what HotSpot interrupts its
  /// threads with when JFR takes samples; with USR2 here there is no such sampling. A TSTP that is
  /// handled stops nothing: follow with [#raise]. A signal that was ignored is not any more, see
  /// [#ignored].
  ///
  /// The calling thread also unblocks the signals: HotSpot has QUIT blocked in all threads of
  /// Java's, and whoever started the JVM may have blocked others.
  ///
  /// On an error the signals before the faulty one are installed; `-EINVAL`: a signal that cannot
  /// be handled.
  public static native int signalPipe(int[] signals);

  /// Returns 1 if a signal is ignored, else 0: `nohup` starts programs with HUP ignored, and a
  /// shell without job control its background jobs with INT and QUIT ignored. A program that means
  /// to respect that leaves such signals out of [#signalPipe]. HotSpot keeps it as it was.
  public static native int ignored(int signal);

  /// Gives a signal its default disposition.
  public static native int resetSignal(int signal);

  /// Does to this process what a signal does by default: ends it, so that the parent sees the
  /// signal, or stops it. Returns, with the handler as before, if the process is continued.
  public static native int raise(int signal);
}
