package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a process finds around it: the table of `guest/README.md`.
@Timeout(300)
class GuestVmTest extends BoxTest {
  /// Lines of shell, and what each writes.
  private static final String AS_ROOT =
      """
      ulimit -Sn                                              | 1024
      ulimit -Hn                                              | 524288
      ulimit -Su                                              | unlimited
      ulimit -Hu                                              | unlimited
      ulimit -Sc                                              | 0
      ulimit -Hc                                              | unlimited
      ulimit -Sl                                              | 8192
      umask                                                   | 0022
      cat /proc/self/oom_score_adj                            | 0
      grep SigIgn /proc/self/status                           | SigIgn:\t0000000000000000
      cat /proc/sys/fs/file-max                               | 9223372036854775807
      cat /proc/sys/fs/inotify/max_user_instances             | 8192
      cat /proc/sys/fs/inotify/max_user_watches               | 1048576
      cat /proc/sys/fs/nr_open                                | 1048576
      cat /proc/sys/kernel/pid_max                            | 4194304
      cat /proc/sys/kernel/yama/ptrace_scope                  | 0
      cat /proc/sys/net/core/somaxconn                        | 4096
      cat /proc/sys/net/ipv4/ip_unprivileged_port_start       | 0
      cat /proc/sys/net/ipv4/ping_group_range                 | 0\t2147483647
      cat /proc/sys/vm/max_map_count                          | 1048576
      cat /proc/sys/vm/overcommit_memory                      | 0
      echo 65536 >/proc/sys/vm/mmap_min_addr && echo written  | written
      readlink /dev/fd                                        | /proc/self/fd
      readlink /dev/stdin                                     | /proc/self/fd/0
      readlink /dev/stdout                                    | /proc/self/fd/1
      readlink /dev/stderr                                    | /proc/self/fd/2
      stat -L -c %a:%F /dev/ptmx                              | 666:character special file
      stat -c %a:%F /dev/null                                 | 666:character special file
      stat -c %a:%F /dev/zero                                 | 666:character special file
      stat -c %a:%F /dev/full                                 | 666:character special file
      stat -c %a:%F /dev/random                               | 666:character special file
      stat -c %a:%F /dev/urandom                              | 666:character special file
      stat -c %a:%F /dev/tty                                  | 666:character special file
      stat -c %a /dev/shm                                     | 1777
      stat -c %a /dev/mqueue                                  | 1777
      stat -c %a /tmp                                         | 1777
      stat -c %a /run                                         | 755
      awk '$2 == "/run"' /proc/mounts | wc -l                 | 0
      awk '$2 == "/sys/fs/cgroup" { print $3 }' /proc/mounts  | cgroup2
      mkdir /sys/fs/cgroup/a && rmdir /sys/fs/cgroup/a && echo done | done
      cat /proc/self/cgroup                                   | 0::/
      echo $PATH                                              | /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      echo $HOME                                              | /root
      echo $HOSTNAME                                          | box
      env | grep -c ^TERM=                                    | 0
      hostname                                                | box
      ping -c 1 -q 127.0.0.1 | grep -c '1 packets received'   | 1
      ping -c 1 -q ::1 | grep -c '1 packets received'         | 1
      ping -c 1 -q $(hostname) | grep -c '1 packets received' | 1
      head -c 8 /dev/urandom | wc -c                          | 8
      """;

  private static final String AS_USER =
      """
      id -u                                                   | 1000
      ulimit -Hn                                              | 524288
      ulimit -Hu                                              | unlimited
      ulimit -n 524288 && ulimit -n                           | 524288
      echo $HOME                                              | /
      httpd -p 127.0.0.1:80 -h /tmp && echo bound             | bound
      unshare -Ur id -u                                       | 0
      : >/dev/shm/a && : >/tmp/a && rm /dev/shm/a /tmp/a && echo written | written
      echo to stdout >/dev/stdout                             | to stdout
      """;

  GuestVmTest() throws IOException {}

  @Test
  void rootFindsWhatItDoesInAContainer() throws Exception {
    check("root", AS_ROOT);
  }

  /// One that `/etc/passwd` does not have.
  @Test
  void anyUserFindsWhatItDoesInAContainer() throws Exception {
    check("1000", AS_USER);
  }

  /// The built-in image has no hard links; see [OverlayVmTest].
  @Test
  void theRootIsOneFileSystem() throws Exception {
    assertThat(
            msb.sh(
                    "box",
                    """
                    numbers() { stat -c '%i %d' $1 $1/services $1/passwd | sort -u; }
                    cp /bin/busybox /etc/services
                    before=$(numbers /etc)
                    chmod 600 /etc/passwd
                    busybox mv /etc /etc.new
                    test "$(numbers /etc.new)" = "$before" && echo same numbers
                    mv /etc.new /etc
                    stat -c %d / /etc /etc/passwd /bin/busybox | uniq | wc -l
                    """)
                .ok()
                .stdout())
        .isEqualTo("same numbers\n1\n");
  }

  private void check(String user, String table) throws Exception {
    StringBuilder script = new StringBuilder();
    List<String> wanted = new ArrayList<>();
    for (String line : table.lines().toList()) {
      int bar = line.lastIndexOf(" | ");
      String command = line.substring(0, bar).strip();
      script.append(command).append("; echo =\n");
      wanted.add(command + "\n" + line.substring(bar + 3) + "\n");
    }
    String[] outputs =
        msb.run("exec", "-u", user, "box", "--", "sh", "-c", script.toString())
            .ok()
            .stdout()
            .split("=\n", -1);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      found.add(wanted.get(i).lines().findFirst().orElseThrow() + "\n" + outputs[i]);
    }
    assertThat(found).isEqualTo(wanted);
  }
}
