package dev.msb.image;

import dev.msb.archive.ArchiveException;
import dev.msb.archive.Inode;
import dev.msb.archive.Spool;
import dev.msb.archive.SquashfsWriter;
import dev.msb.archive.TarReader;
import dev.msb.archive.Tree;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/// Makes root disks: files with a squashfs, of which a sandbox mounts one as its root.
///
/// All methods block, mostly on the disk and on decompression; an interrupt ends them. They need no
/// privilege, whoever owns the files of the image. `work` is a directory on the same file system as
/// `out`, with room for all contents uncompressed and for the result; what is made there is gone
/// when the method ends, however it does. `out` appears at once and whole, over what was there, or
/// not at all. The same input makes the same bytes.
///
/// Kept are type, owner, mode, modification time (whole seconds from 1970 to 2106; others become
/// the nearest), the extended attributes `user.*`, `trusted.*` and `security.*`, device numbers,
/// hard links and holes. Not kept are POSIX ACLs, which a squashfs cannot hold, SELinux labels, and
/// `trusted.overlay.*`, which the overlay of the guest would take for its own.
public final class RootImage {
  private RootImage() {}

  /// Makes a root disk of an image's layers.
  ///
  /// @param layers the lowest one first
  /// @throws ImageException if a layer is damaged, not what its digest says, more than the limits
  ///   allow, or cannot be laid over those below it; or if there is no room
  public static void build(
      List<Layer> layers, Path work, Path out, ImageLimits limits, BuildListener listener)
      throws IOException, InterruptedException {
    make(
        work,
        out,
        (spool, disk) -> {
          Budget budget = new Budget(limits);
          Tree tree = new Tree(budget);
          Reading reading = new Reading(layers, listener);
          LayerReader reader = new LayerReader(tree, spool, budget, true);
          for (int i = 0; i < layers.size(); i++) {
            tree.nextLayer();
            try {
              read(layers.get(i), reader, budget, reading);
            } catch (ImageException | ArchiveException e) {
              throw new ImageException(
                  "layer " + (i + 1) + " of " + layers.size() + ": " + e.getMessage(), e);
            }
          }
          reading.end();
          write(tree, spool, disk, listener);
        });
  }

  /// Makes a root disk of a tar with a whole root, which may be compressed with gzip, zstd, xz or
  /// bzip2. Names that begin with `.wh.` have no meaning here.
  ///
  /// @throws ImageException as [#build] does
  public static void fromTar(
      Path tar, Path work, Path out, ImageLimits limits, BuildListener listener)
      throws IOException, InterruptedException {
    make(
        work,
        out,
        (spool, disk) -> {
          Budget budget = new Budget(limits);
          Tree tree = new Tree(budget);
          Layer layer = new Layer(tar, Optional.empty());
          Reading reading = new Reading(List.of(layer), listener);
          try {
            read(layer, new LayerReader(tree, spool, budget, false), budget, reading);
          } catch (ImageException | ArchiveException e) {
            throw new ImageException(tar + ": " + e.getMessage(), e);
          }
          reading.end();
          write(tree, spool, disk, listener);
        });
  }

  /// Makes a root disk of a directory on the host, which is only read. Symlinks in it are kept, not
  /// followed; sockets are left out. All files become root's, unless this process and the directory
  /// are root's. Files that change meanwhile may be mixed in content.
  ///
  /// @throws ImageException if a file cannot be read, or as [#build] does
  public static void fromDirectory(
      Path directory, Path work, Path out, ImageLimits limits, BuildListener listener)
      throws IOException, InterruptedException {
    make(
        work,
        out,
        (spool, disk) -> {
          try (DirectoryReader reader = new DirectoryReader(directory, new Budget(limits))) {
            Inode.Directory root = reader.read();
            write(root, disk, reader, listener);
          }
        });
  }

  private interface Making {
    void make(Spool spool, Spool disk) throws IOException, InterruptedException;
  }

  private static void make(Path work, Path out, Making making)
      throws IOException, InterruptedException {
    Path unfinished = null;
    DiskRoom room = new DiskRoom(work.toAbsolutePath());
    try (Spool spool = Spool.unnamed(work, "layers-", room::written);
        Spool disk = Spool.named(work, "root-", room::written)) {
      unfinished = disk.path();
      making.make(spool, disk);
      disk.force();
      Files.move(disk.path(), out, StandardCopyOption.ATOMIC_MOVE);
      unfinished = null;
    } catch (ArchiveException e) {
      throw new ImageException(e);
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("the making of a root disk");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      if (unfinished != null) {
        Files.deleteIfExists(unfinished);
      }
    }
  }

  private static void read(Layer layer, LayerReader reader, Budget budget, Reading reading)
      throws IOException {
    try (LayerStream stream = LayerStream.open(layer.file(), budget, reading::read)) {
      reader.read(new TarReader(stream));
      Digest digest = stream.finish();
      if (layer.diffId().isPresent() && !digest.equals(layer.diffId().get())) {
        throw new ImageException(
            "it unpacks to " + digest + ", where the image says " + layer.diffId().get());
      }
    }
  }

  private static void write(Tree tree, Spool spool, Spool disk, BuildListener listener)
      throws IOException, InterruptedException {
    spool.flush();
    SquashfsWriter.Source source =
        file -> {
          long[] next = {file.start()};
          return (into, offset, length) -> {
            spool.read(next[0], into, offset, length);
            next[0] += length;
          };
        };
    write(tree.root(), disk, source, listener);
  }

  private static void write(
      Inode.Directory root, Spool disk, SquashfsWriter.Source source, BuildListener listener)
      throws IOException, InterruptedException {
    new SquashfsWriter(
            disk,
            source,
            (done, total) -> listener.progress(BuildListener.Stage.WRITING, done, total))
        .write(root);
  }

  /// Tells how much of the layers' files has been read.
  private static final class Reading {
    private static final int STEP_BYTES = 1 << 20;

    private final BuildListener listener;
    private final long total;
    private long done;
    private long told;

    Reading(List<Layer> layers, BuildListener listener) throws IOException {
      this.listener = listener;
      long sum = 0;
      for (Layer layer : layers) {
        sum += Files.size(layer.file());
      }
      total = sum;
    }

    void read(long count) {
      done += count;
      if (done - told >= STEP_BYTES) {
        told = done;
        listener.progress(BuildListener.Stage.READING, done, total);
      }
    }

    void end() {
      listener.progress(BuildListener.Stage.READING, done, total);
    }
  }
}
