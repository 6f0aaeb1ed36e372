package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.RegistryLogins;
import dev.msb.sdk.SandboxException;
import java.io.BufferedReader;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// `msb registry login|logout|ls`: who we are to registries.
public final class RegistryCommand implements Command {
  private static final int LONGEST_SECRET = 64 * 1024;

  @Override
  public String name() {
    return "registry";
  }

  @Override
  public String synopsis() {
    return "login HOST -u USER | logout HOST | ls";
  }

  @Override
  public String summary() {
    return "log in to registries";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.value("username", 'u', "USER", "with login: who; the password is read from stdin"));
    options.add(
        Option.flag("password-stdin", '\0', "with login: for those used to it; it always is"));
    options.addAll(RegistryOptions.OPTIONS);
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of("echo \"$TOKEN\" | msb registry login localhost:5000 -u me", "msb registry ls");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> words = arguments.positional();
    String what = words.isEmpty() ? "ls" : words.getFirst();
    switch (what) {
      case "ls", "list" -> RegistryLogins.list().forEach(Output::printLine);
      case "login" -> login(arguments, host(words, what));
      case "logout" -> {
        String host = host(words, what);
        if (!RegistryLogins.logout(host)) {
          throw new SandboxException("there is no login for " + host);
        }
      }
      default -> throw new UsageException("registry " + what + ": write login, logout or ls");
    }
    return ExitCodes.OK;
  }

  private static String host(List<String> words, String what) throws UsageException {
    if (words.size() > 2) {
      throw new UsageException("unexpected \"" + words.get(2) + "\"");
    }
    try {
      return words.size() < 2
          ? RegistryLogins.DEFAULT_REGISTRY
          : RegistryLogins.registryOf(words.get(1));
    } catch (IllegalArgumentException e) {
      throw new UsageException("registry " + what + ": " + e.getMessage());
    }
  }

  private static void login(Arguments arguments, String host)
      throws UsageException, SandboxException, InterruptedException {
    String user = arguments.value("username");
    if (user == null || user.isEmpty()) {
      throw new UsageException("login needs -u USER, and the password on stdin");
    }
    String password;
    try {
      password = password();
    } catch (IOException e) {
      throw SandboxException.of("cannot log in to " + host, e);
    }
    RegistryLogins.login(host, user, password, RegistryOptions.access(arguments));
    Output.error("logged in to " + host);
  }

  /// All of stdin; a terminal does not show it.
  @SuppressWarnings("SystemConsoleNull") // it is, in a run-time image without the JDK's line editor
  private static String password() throws IOException {
    Console console = System.console();
    if (console != null && console.isTerminal()) {
      char[] typed = console.readPassword("Password: ");
      if (typed == null || typed.length == 0) {
        throw new SandboxException("no password was given");
      }
      return new String(typed);
    }
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new FileInputStream(FileDescriptor.in), StandardCharsets.UTF_8))) {
      char[] text = new char[LONGEST_SECRET];
      int length = 0;
      for (int n = in.read(text); n > 0; n = in.read(text, length, text.length - length)) {
        length += n;
      }
      String password = new String(text, 0, length).replaceFirst("\r?\n$", "");
      if (password.isEmpty()) {
        throw new SandboxException("no password came on stdin");
      }
      return password;
    }
  }
}
