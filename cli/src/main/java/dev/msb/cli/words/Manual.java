package dev.msb.cli.words;

import java.util.List;

/// What holds for all commands, for the help and the manual pages.
public final class Manual {
  /// A word and what it means.
  public record Entry(String word, String meaning) {}

  static final String ABOUT = "run untrusted commands in local microVMs";

  static final String USAGE = "msb COMMAND [OPTIONS] ...";

  static final List<Entry> VALUES =
      List.of(
          new Entry("SIZE", "512M, 1.5G, or a number of MiB"),
          new Entry("DURATION", "500ms, 2s, 1.5m, 1h, or a number of seconds"),
          new Entry("NAME", "of a sandbox: 1 to 63 letters, digits, '-', '_' and '.'"),
          new Entry("IMAGE", "its name, or a path that starts with / or a dot; else busybox"));

  public static final List<Entry> ENVIRONMENT =
      List.of(
          new Entry("MSB_HOME", "where the sandboxes and the images are (~/.msb)"),
          new Entry("MSB_DIST", "a built distribution (the checkout's dist)"),
          new Entry("MSB_DETACH_KEYS", "what --detach-keys is if it is not given"),
          new Entry("MSB_QEMU", "another QEMU"),
          new Entry("MSB_KERNEL", "another kernel for the guest"),
          new Entry("MSB_TEMPLATES", "now: the first start of a kind saves it; off: none does"));

  static final List<Entry> FILES =
      List.of(
          new Entry("~/.msb/sandboxes/NAME", "a sandbox, its disk and its logs"),
          new Entry("~/.msb/images", "the images that are here"),
          new Entry("~/.msb/images.properties", "how registries are reached, limits of images"),
          new Entry("~/.msb/logins.json", "the credentials of msb registry login"),
          new Entry("~/.docker/config.json", "credentials for where there is no such login"));

  /// Of all that is done most.
  static final List<String> EXAMPLES =
      List.of(
          "msb run -- echo 'hello from a microVM'",
          "msb create --name box",
          "echo turn1 | msb exec --stream box -- awk '{ print \"ack:\" $0; fflush() }'");

  /// How msb ends if it runs a command.
  public static final List<Entry> STATUSES_WITH_COMMAND =
      List.of(
          new Entry("the command's own", "it ended by itself"),
          new Entry("128 + n", "it was killed by signal n"),
          new Entry("124", "its --timeout ran out"),
          new Entry("125", "msb itself failed; a line on stderr tells why"),
          new Entry("126", "the command is there but cannot be executed"),
          new Entry("127", "there is no such command"),
          new Entry("2", "wrong usage; nothing was started"));

  private static final List<Entry> STATUSES =
      List.of(
          new Entry("0", "it is done"),
          new Entry("2", "wrong usage; nothing was started"),
          new Entry("125", "it failed; a line on stderr tells why"));

  private Manual() {}

  /// How a command of msb ends.
  static List<Entry> statuses(Command command) {
    return command.endsAsItsProcess() ? STATUSES_WITH_COMMAND : STATUSES;
  }
}
