package dev.msb.cli.output;

import dev.msb.posix.Posix;
import dev.msb.sdk.GuestText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What msb itself writes to its two outputs: data for programs, and lines for people, in which
/// nothing commands a terminal.
public final class Output {
  /// The longest line for people, in characters, which may have paths in it.
  public static final int LONGEST_LINE = 16 * 1024;

  private Output() {}

  /// Writes data to standard output.
  public static void print(String text) {
    write(FileDescriptor.out, text);
  }

  /// Writes a line for people to standard output.
  public static void printLine(String line) {
    print(GuestText.line(line, LONGEST_LINE) + "\n");
  }

  /// Writes bytes to standard output.
  public static void print(byte[] bytes) {
    write(FileDescriptor.out, bytes);
  }

  /// Writes bytes to standard error that are not ours.
  public static void printError(byte[] bytes) {
    write(FileDescriptor.err, bytes);
  }

  /// What an exception has to say.
  public static void error(Exception failure) {
    String message = failure.getMessage();
    error(message == null ? failure.toString() : message);
  }

  /// One line for people. It may have words of a guest, or names of files.
  public static void error(String line) {
    write(FileDescriptor.err, "msb: " + GuestText.line(line, LONGEST_LINE) + "\n");
  }

  /// Text for people that is no line.
  public static void errorText(String text) {
    write(FileDescriptor.err, text);
  }

  private static void write(FileDescriptor descriptor, String text) {
    write(descriptor, text.getBytes(StandardCharsets.UTF_8));
  }

  /// A reader that goes before the end, as `head` does, ends us as it would any command.
  private static void write(FileDescriptor descriptor, byte[] bytes) {
    // Not System.out: it is one more class to load, and swallows a broken pipe.
    try {
      new FileOutputStream(descriptor).write(bytes);
    } catch (IOException e) {
      if ("Broken pipe".equals(e.getMessage())) {
        Posix.exit(ExitCodes.BROKEN_PIPE);
      }
      if (descriptor == FileDescriptor.err && "Bad file descriptor".equals(e.getMessage())) {
        return; // it is closed, and what we have to say is for nobody
      }
      if (descriptor == FileDescriptor.out) {
        error("cannot write to stdout: " + e.getMessage());
      }
      Posix.exit(ExitCodes.FAILED);
    }
  }
}
