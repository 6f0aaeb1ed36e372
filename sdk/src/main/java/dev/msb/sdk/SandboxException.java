package dev.msb.sdk;

import dev.msb.protocol.OneLine;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Something of a sandbox failed. The message is one line: what, where, and what to do about it.
public class SandboxException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure that this line describes. What is not printable in it is escaped: it may have words
  /// of a guest, or names of files.
  public SandboxException(String message) {
    super(OneLine.of(message, OneLine.LONGEST_MESSAGE));
  }

  /// A failure that another one led to.
  public SandboxException(String message, @Nullable Throwable cause) {
    super(OneLine.of(message, OneLine.LONGEST_MESSAGE), cause);
  }

  /// What was attempted, and why it failed.
  public static SandboxException of(String attempt, IOException cause) {
    if (cause instanceof SandboxException same) {
      return same;
    }
    return new SandboxException(attempt + ": " + describe(cause), cause);
  }

  /// Another user listens where a supervisor of ours would.
  static SandboxException foreign(Path socket, String user) {
    return new SandboxException(
        "nothing is sent to " + socket + ": user " + user + " listens there, neither you nor root");
  }

  /// The reason alone: the JDK's file exceptions have only the file's name as their message.
  private static String describe(IOException cause) {
    if (cause instanceof FileSystemException file) {
      if (file.getReason() != null) {
        return file.getReason() + " (" + file.getFile() + ")";
      }
      if (cause instanceof NoSuchFileException) {
        return "there is no " + file.getFile();
      }
      if (cause instanceof NotDirectoryException) {
        return file.getFile() + " is no directory";
      }
      if (cause instanceof DirectoryNotEmptyException) {
        return file.getFile() + " is a directory that is not empty";
      }
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  /// The status with which the command line ends for this failure.
  public int exitValue() {
    return 125;
  }
}
