package dev.msb.sdk;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/// Something of a sandbox failed. The message is one line: what, where, and what to do about it.
public class SandboxException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A failure that this line describes.
  public SandboxException(String message) {
    super(message);
  }

  /// A failure that another one led to.
  public SandboxException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /// What was attempted, and why it failed.
  public static SandboxException of(String attempt, IOException cause) {
    if (cause instanceof SandboxException same) {
      return same;
    }
    return new SandboxException(attempt + ": " + describe(cause), cause);
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
