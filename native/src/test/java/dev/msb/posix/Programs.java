package dev.msb.posix;

import java.io.IOException;

/// Programs that tests run in JVMs of their own.
final class Programs {
  private Programs() {}

  /// Says whether the library is there.
  static final class Missing {
    private Missing() {}

    static void main() {
      try {
        Posix.check(-Posix.ENOENT, "file");
      } catch (IOException e) {
        System.out.println(Posix.available() + ", " + e.getMessage());
      }
    }
  }

  /// Starts a child that is to die with it, prints its number, and waits for ever.
  static final class Parent {
    private Parent() {}

    static void main() {
      int[] fds = {-1, -1, -1};
      byte[][] sleep = Io.words("sleep", "1000");
      int pid = Posix.spawn(sleep, new byte[0][], fds, null, Posix.DIE_WITH_PARENT, -1, -1);
      System.out.println(pid);
      Posix.poll(fds, new short[3], new short[3], 0, -1);
    }
  }

  /// Prints each signal that arrives; ends by INT itself after TERM, past the shutdown hooks.
  static final class Signals {
    private Signals() {}

    static void main() throws IOException {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
      int[] signals = {
        Posix.SIGINT,
        Posix.SIGHUP,
        Posix.SIGQUIT,
        Posix.SIGUSR1,
        Posix.SIGUSR2,
        Posix.SIGWINCH,
        Posix.SIGTSTP,
        Posix.SIGCONT,
        Posix.SIGCHLD,
        Posix.SIGTERM
      };
      int pipe = Posix.check(Posix.signalPipe(signals), "signalPipe");
      System.out.println("ready");
      for (int signal = 0; signal != Posix.SIGTERM; ) {
        Io.poll(pipe, Posix.POLLIN, -1);
        for (char c : Io.read(pipe).toCharArray()) {
          signal = c;
          System.out.println(signal);
        }
      }
      Posix.raise(Posix.SIGINT);
    }
  }

  /// Ends with a status while a thread is blocked in a call and a shutdown hook is there.
  static final class Exit {
    private Exit() {}

    static void main() throws IOException {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
      int[] pipe = Io.pipe();
      Thread.ofPlatform().start(() -> Posix.read(pipe[0], Io.direct("x"), 0, 1));
      Posix.exit(9);
    }
  }

  /// Stops itself, and says so when it is continued.
  static final class Stop {
    private Stop() {}

    static void main() throws IOException {
      int pipe = Posix.check(Posix.signalPipe(new int[] {Posix.SIGTSTP}), "signalPipe");
      Posix.raise(Posix.SIGTSTP);
      System.out.println("continued");
      Posix.kill(Posix.getpid(), Posix.SIGTSTP);
      Io.poll(pipe, Posix.POLLIN, -1);
      System.out.println("handled");
    }
  }
}
