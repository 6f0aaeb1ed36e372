package dev.msb.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/// Random layers, laid over each other by us, by a model and by umoci; all three must agree on
/// every name and on all that a file is. Needs root, as umoci makes devices and gives files away.
class RandomLayersTest {
  private static final int RUNS = 30;
  private static final Random SEEDS = new Random();

  private static final String[] NAMES = {
    "a", "b", "c", "d", "e-\u00ff\u0001x", "f g", "n".repeat(120), ".whatever", "..h"
  };
  private static final byte[] CAPABILITY =
      HexFormat.of().parseHex("0100000200040000000000000000000000000000");

  @TempDir Path directory;

  private Random random = new Random();
  private final LayerModel model = new LayerModel();

  @RepeatedTest(RUNS)
  void comeToTheSameAsTheModelAndAsUmoci(RepetitionInfo run) throws Exception {
    long seed = Long.getLong("msb.seed", SEEDS.nextLong());
    System.out.println("seed " + seed + ", run " + run.getCurrentRepetition());
    random = new Random(seed);
    long start = Instant.now().getEpochSecond() - 5;
    List<byte[]> tars = new ArrayList<>();
    List<Layer> layers = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      model.nextLayer();
      TarBytes tar = new TarBytes();
      if (i == 0) {
        tar.add(metadata(TarBytes.other('5', "./"), "", "directory", ""));
      }
      int entries = random.nextInt(i == 0 ? 40 : 20);
      for (int j = 0; j < entries; j++) {
        addEntry(tar);
      }
      byte[] bytes = tar.end();
      tars.add(bytes);
      Path file = Files.write(directory.resolve("layer" + i), bytes);
      layers.add(new Layer(file, Optional.of(Digest.of(bytes))));
    }

    Path work = Files.createDirectory(directory.resolve("work"));
    Path disk = directory.resolve("disk");
    RootImage.build(layers, work, disk, ImageLimits.DEFAULT, BuildListener.NONE);
    assertThat(work).isEmptyDirectory();
    SortedMap<String, String> ours = FileTree.of(Programs.unsquash(disk, directory, "unsquashed"));
    FileTree.assertSame("by the model, seed " + seed, ours, model.lines());

    OciLayout.write(directory.resolve("layout"), tars);
    Programs.run(directory, "umoci", "raw", "unpack", "--image", "layout:latest", "umoci");
    SortedMap<String, String> theirs = new TreeMap<>();
    FileTree.of(directory.resolve("umoci"))
        .forEach((path, line) -> theirs.put(path, timeless(line, start)));
    ours.replaceAll((path, line) -> isNow(theirs.get(path)) ? timeless(line, 0) : line);
    FileTree.assertSame("by umoci, seed " + seed, ours, theirs);
  }

  /// The time of a directory that umoci made unasked, or had to touch, is when it did.
  private static String timeless(String line, long start) {
    String time = line.replaceAll("^004.* mtime=(\\d+).*", "$1");
    boolean directory = line.startsWith("004");
    return directory && Long.parseLong(time) >= start
        ? line.replaceFirst(" mtime=\\d+", " mtime=now")
        : line;
  }

  private static boolean isNow(@Nullable String line) {
    return line != null && line.contains(" mtime=now");
  }

  private void addEntry(TarBytes tar) {
    String path = path();
    String place = model.place(path);
    if (place == null) {
      return;
    }
    int kind = random.nextInt(100);
    if (kind < 30) {
      tar.add(metadata(entry('0', path), place, "file", ""));
    } else if (kind < 50) {
      tar.add(
          metadata(entry('5', path + (random.nextBoolean() ? "/" : "")), place, "directory", ""));
    } else if (kind < 62) {
      String target = random.nextInt(4) == 0 ? "../../" + path().substring(1) : path();
      target = random.nextBoolean() ? target.substring(1) : target;
      tar.add(
          metadata(entry('2', path).link(target.getBytes(ISO_8859_1)), place, "symlink", target));
    } else if (kind < 72) {
      List<String> files = model.files();
      if (!files.isEmpty()) {
        String target = files.get(random.nextInt(files.size()));
        // What lies below the new name goes with the old one.
        if (!target.equals(place) && !target.startsWith(place + "/")) {
          tar.add(entry('1', path).link(target.substring(1).getBytes(ISO_8859_1)));
          model.link(place, target);
        }
      }
    } else if (kind < 76) {
      tar.add(metadata(entry('3', path).device(1, 3), place, "device=259", ""));
    } else if (kind < 78) {
      tar.add(metadata(entry('4', path).device(8, 300), place, "device=1050668", ""));
    } else if (kind < 82) {
      tar.add(metadata(entry('6', path), place, "fifo", ""));
    } else if (kind < 94) {
      int slash = path.lastIndexOf('/');
      tar.add(entry('0', path.substring(0, slash) + "/.wh." + path.substring(slash + 1)));
      model.whiteOut(place, true);
    } else {
      String inside = model.place(path + "/x");
      if (inside != null) {
        tar.add(entry('0', path + "/.wh..wh..opq"));
        model.whiteOut(inside.substring(0, inside.length() - 2), false);
      }
    }
  }

  private String path() {
    StringBuilder path = new StringBuilder();
    int depth = 1 + random.nextInt(3);
    for (int i = 0; i < depth; i++) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  private TarBytes.Entry entry(char type, String path) {
    String prefix = random.nextInt(3) == 0 ? "." + path : path.substring(random.nextInt(2));
    return new TarBytes.Entry(type, prefix.getBytes(ISO_8859_1));
  }

  /// Gives an entry random metadata, and tells the model.
  private TarBytes.Entry metadata(TarBytes.Entry entry, String place, String type, String target) {
    int uid = random.nextInt(3) == 0 ? 3_000_000 : random.nextInt(1000);
    int gid = random.nextInt(1000);
    long mtime = 1L + random.nextInt(1_500_000_000);
    int mode = type.equals("symlink") ? 0777 : random.nextInt(010000);
    if (type.equals("directory")) {
      // Else the directories that umoci makes below it unasked inherit its group.
      mode &= ~02000;
    }
    entry.owner(uid, gid).mtime(mtime).mode(mode);
    int kind =
        switch (type) {
          case "directory" -> 0040000;
          case "file" -> 0100000;
          case "symlink" -> 0120000;
          case "fifo" -> 0010000;
          case "device=259" -> 0020000;
          default -> 0060000;
        };
    StringBuilder line = new StringBuilder(String.format("%07o", kind | mode));
    line.append(" owner=").append(uid).append(':').append(gid).append(" mtime=").append(mtime);
    if (type.equals("file")) {
      line.append(" sha=").append(Digest.of(contents(entry)).hex());
    } else if (type.equals("symlink")) {
      line.append(" to=").append(target);
    } else if (type.startsWith("device=")) {
      line.append(' ').append(type);
    }
    TreeMap<String, byte[]> xattrs = new TreeMap<>();
    if (type.equals("file") && random.nextInt(5) == 0) {
      xattrs.put("security.capability", CAPABILITY);
    }
    if ((type.equals("file") || type.equals("directory")) && random.nextInt(4) == 0) {
      xattrs.put("user.msb\u00fe", bytes(1 + random.nextInt(40)));
    }
    if (random.nextInt(6) == 0) {
      xattrs.put("trusted.msb", bytes(1 + random.nextInt(300)));
    }
    xattrs.forEach((key, value) -> {
      entry.xattr(key, value);
      line.append(' ').append(key).append('=').append(HexFormat.of().formatHex(value));
    });
    model.put(
        place,
        new LayerModel.Node(place.isEmpty() ? "directory" : kindOf(type), line.toString(), target));
    return entry;
  }

  private static String kindOf(String type) {
    return type.startsWith("device=") ? "device" : type;
  }

  /// Contents for a file; some are sparse, in the way of GNU tar's version 1.0.
  private byte[] contents(TarBytes.Entry entry) {
    int size =
        switch (random.nextInt(12)) {
          case 0 -> 0;
          case 1 -> 100_000 + random.nextInt(400_000);
          default -> random.nextInt(3000);
        };
    byte[] contents = random.nextBoolean() ? bytes(size) : text(size);
    if (size < 2000 || random.nextInt(3) > 0) {
      entry.contents(contents);
      return contents;
    }
    int hole = size / 2;
    Arrays.fill(contents, 10, 10 + hole, (byte) 0);
    String map = "2\n0\n10\n" + (10 + hole) + "\n" + (size - 10 - hole) + "\n";
    byte[] stored = new byte[512 + size - hole];
    System.arraycopy(map.getBytes(ISO_8859_1), 0, stored, 0, map.length());
    System.arraycopy(contents, 0, stored, 512, 10);
    System.arraycopy(contents, 10 + hole, stored, 522, size - 10 - hole);
    entry.pax("GNU.sparse.major", "1").pax("GNU.sparse.minor", "0");
    entry.pax("GNU.sparse.name", entry.name).pax("GNU.sparse.realsize", Integer.toString(size));
    entry.contents(stored);
    return contents;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] text(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ('a' + random.nextInt(3));
    }
    return bytes;
  }
}
