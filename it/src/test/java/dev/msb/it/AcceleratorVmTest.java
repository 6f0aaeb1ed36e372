package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What msb makes of a machine's KVM, with a QEMU in front of the real one that counts and spins.
@Timeout(120)
class AcceleratorVmTest {
  /// On a machine without KVM the commands see a `/dev` that has the device: nothing here really
  /// runs on it. Nobody else sees it.
  private static final String WITH_KVM =
      """
      if [[ ! -r /dev/kvm ]]; then
        dev=$(mktemp -d)
        mount -t tmpfs -o mode=755 tmpfs "$dev"
        for file in /dev/*; do
          here=$dev/${file##*/}
          if [[ -L $file ]]; then
            cp -P "$file" "$here"
          elif [[ -d $file ]]; then
            mkdir "$here"
            mount --rbind "$file" "$here"
          else
            touch "$here"
            mount --bind "$file" "$here"
          fi
        done
        touch "$dev/kvm"
        mount --move "$dev" /dev
        rmdir "$dev"
      fi
      exec "$@"
      """;

  private final Msb msb;
  private final Path starts;

  AcceleratorVmTest() throws IOException {
    msb = new Msb(Files.createTempDirectory("msb-it-"));
    msb.runBy("unshare", "--mount", "bash", "-e", "-c", WITH_KVM, "bash");
    starts = Files.createFile(msb.home().resolve("starts"));
  }

  @AfterEach
  void removeAll() throws Exception {
    msb.removeAll();
  }

  @Test
  void aKvmOnWhichNoGuestBootsIsFoundOutOnceAndRemembered() throws Exception {
    spinningOnKvm();
    Result first = msb.create("one");
    assertThat(first.ok().stderr())
        .isEqualTo(
            "msb: running without KVM, which is about 20 times slower and no security boundary: /dev/kvm opens, but no guest came up on it"
                + " within 8 s\n");
    assertThat(Files.readString(starts)).isEqualTo("kvm\ntcg\n");
    msb.create("two", "--cold").ok();
    assertThat(Files.readString(starts)).isEqualTo("kvm\ntcg\ntcg\n");
    assertThat(msb.run("doctor").ok().stdout())
        .contains("accelerator  tcg: /dev/kvm opens, but no guest came up on it within 8 s\n")
        .contains("speed        programs take about 20 times");
    Result kvm = msb.create("three", "--accel", "kvm");
    assertThat(kvm.status()).isEqualTo(125);
    assertThat(kvm.stderr())
        .startsWith("msb: cannot start sandbox \"three\": KVM cannot be used: /dev/kvm opens, but")
        .hasLineCount(1);
    assertThat(msb.run("ls", "-q").ok().stdout()).isEqualTo("one\ntwo\n");
  }

  @Test
  void aKvmOnWhichAGuestBootsIsUsed() throws Exception {
    // What msb starts for KVM, run by the translator in its place; the guest's clock then needs to
    // be told the counter's rate, as msb does for the translator.
    qemu(
        """
        #!/bin/bash
        [[ $* == *'-accel kvm'* ]] && echo kvm >>STARTS || echo tcg >>STARTS
        khz=$(awk '/^bogomips/ { printf "%d", $3 * 500; exit }' /proc/cpuinfo)
        words=()
        for word; do
          case $word in
            kvm) word=tcg ;;
            host,*) word=max ;;
            console=*) word+=" tsc=reliable no_timer_check noreplace-smp tsc_early_khz=$khz" ;;
          esac
          words+=("$word")
        done
        # The guest has eight seconds, also here and on a busy machine.
        exec nice -n -15 /usr/bin/qemu-system-x86_64 "${words[@]}"
        """);
    assertThat(msb.create("box").ok().stderr()).isEmpty();
    assertThat(msb.sh("box", "echo up").ok().stdout()).isEqualTo("up\n");
    assertThat(Files.readString(starts)).isEqualTo("kvm\nkvm\n");
    assertThat(msb.run("doctor").ok().stdout())
        .contains("accelerator  kvm: a guest boots on /dev/kvm\n");
  }

  @Test
  void tcgWhenAskedForNeedsNoNoticeAndNoProbe() throws Exception {
    spinningOnKvm();
    assertThat(msb.create("box", "--accel", "tcg").ok().stderr()).isEmpty();
    assertThat(Files.readString(starts)).isEqualTo("tcg\n");
  }

  private void spinningOnKvm() throws IOException {
    qemu(
        """
        #!/bin/sh
        case "$*" in
          *'-accel kvm'*) echo kvm >>STARTS; exec tail -f /dev/null ;;
          *) echo tcg >>STARTS; exec /usr/bin/qemu-system-x86_64 "$@" ;;
        esac
        """);
  }

  private void qemu(String script) throws IOException {
    Path qemu = msb.home().resolve("qemu");
    Files.writeString(qemu, script.replace("STARTS", starts.toString()));
    Files.setPosixFilePermissions(qemu, PosixFilePermissions.fromString("rwx------"));
    msb.with("MSB_QEMU", qemu.toString());
  }
}
