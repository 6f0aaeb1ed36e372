package dev.msb.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.msb.protocol.Mount;
import dev.msb.supervisor.Disks.Disk;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DisksTest {
  private static final Disk ROOT = Disk.root(Path.of("/root.squashfs"));
  private static final Disk UPPER = Disk.upper(Path.of("/upper.img"));
  private static final Disk DATA = Disk.volume(Path.of("/data.img"), "ext4", "/data");
  private static final Disk CACHE =
      Disk.volume(Path.of("/cache.img"), "ext4", "/cache", Mount.Flag.READ_ONLY);

  @Test
  void eachIsFoundUnderTheLetterOfItsPlace() {
    assertThat(new Disks(List.of(ROOT, UPPER, DATA, CACHE), 0).mounts(List.of()))
        .containsExactly(
            Mount.root("/dev/vda", "squashfs"),
            Mount.upper("/dev/vdb", "ext4"),
            Mount.volume("/dev/vdd", "ext4", "/cache", Set.of(Mount.Flag.READ_ONLY)),
            Mount.volume("/dev/vdc", "ext4", "/data", Set.of()));
  }

  /// Then the second disk is a volume, and the guest writes to memory.
  @Test
  void withoutAnUpperDiskNoVolumeTakesItsPlace() {
    Disks disks = new Disks(List.of(ROOT, DATA), 64);

    assertThat(disks.mounts(List.of()))
        .containsExactly(
            Mount.root("/dev/vda", "squashfs"),
            Mount.upperInMemory(64),
            Mount.volume("/dev/vdb", "ext4", "/data", Set.of()));
    assertThat(disks.ahead()).isEqualTo("/dev/vda,squashfs,,,64");
  }

  @Test
  void aParentIsMountedBeforeItsChildWhateverTheyAre() {
    List<Mount> mounts =
        new Disks(List.of(ROOT, UPPER, DATA), 0)
            .mounts(List.of(Mount.tmpfs("/", 1), Mount.tmpfs("/data/scratch", 0)));

    assertThat(mounts.subList(2, 5))
        .extracting(Mount::path)
        .containsExactly("/", "/data", "/data/scratch");
  }

  @Test
  void toBeSavedTheGuestSeesTheImageAnotherUpperDiskAndNoVolume() {
    Disks ahead = new Disks(List.of(ROOT, UPPER, DATA), 0).toMountAhead(Path.of("/template"));

    assertThat(ahead.ahead()).isEqualTo("/dev/vda,squashfs,/dev/vdb,ext4,0");
    assertThat(ahead.all())
        .extracting(Disk::file)
        .containsExactly(ROOT.file(), Path.of("/template"), null);
  }

  @Test
  void disksOutOfOrderAreRefused() {
    for (List<Disk> wrong :
        List.of(
            List.of(UPPER, ROOT),
            List.of(ROOT, DATA, UPPER),
            List.of(ROOT, ROOT),
            List.of(ROOT, UPPER, UPPER),
            List.of(DATA),
            Collections.nCopies(8, ROOT))) {
      assertThatThrownBy(() -> new Disks(wrong, 0)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(Disks.none().all()).isEmpty();
  }
}
