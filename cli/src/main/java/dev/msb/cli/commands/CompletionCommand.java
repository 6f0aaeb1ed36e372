package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.CommandGroup;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// `msb completion`: what shells need to complete words of msb, made from what the commands say of
/// themselves. Names of sandboxes are asked for as they are wanted.
public final class CompletionCommand implements Command {
  private final Supplier<List<CommandGroup>> groups;

  /// The command that describes these.
  ///
  /// @param groups all commands, made when they are asked for
  public CompletionCommand(Supplier<List<CommandGroup>> groups) {
    this.groups = groups;
  }

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String synopsis() {
    return "bash|zsh|fish";
  }

  @Override
  public String summary() {
    return "print the script by which a shell completes words of msb";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public List<String> examples() {
    return List.of("eval \"$(msb completion bash)\"");
  }

  @Override
  public int run(Arguments arguments) throws UsageException {
    List<String> words = arguments.positional();
    Output.print(script(words.size() == 1 ? words.getFirst() : ""));
    return ExitCodes.OK;
  }

  public String script(String shell) throws UsageException {
    return switch (shell) {
      case "bash" -> bash();
      case "zsh" -> zsh();
      case "fish" -> fish();
      default -> throw new UsageException("completion is for bash, zsh or fish");
    };
  }

  private String bash() {
    StringBuilder options = new StringBuilder();
    List<String> names = new ArrayList<>();
    for (Command command : CommandGroup.all(groups.get())) {
      names.add(command.name());
      options.append("    ").append(command.name()).append(") options='");
      for (Option option : command.options()) {
        options.append("--").append(option.name()).append(' ');
      }
      options.append("--help' ;;\n");
    }
    return """
    # bash completion for msb: eval "$(msb completion bash)"
    _msb() {
      local word=${COMP_WORDS[COMP_CWORD]} command='' options='' i
      for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -- ]] && return
        [[ -z $command && ${COMP_WORDS[i]} != -* ]] && command=${COMP_WORDS[i]}
      done
      if [[ -z $command ]]; then
        COMPREPLY=($(compgen -W '%s --help --version' -- "$word"))
        return
      fi
      case $command in
    %s  esac
      if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
      else
        COMPREPLY=($(compgen -W "$(msb ls -q 2>/dev/null)" -- "$word"))
      fi
    }
    complete -o default -F _msb msb
    """
        .formatted(String.join(" ", names), options);
  }

  private String zsh() {
    StringBuilder commands = new StringBuilder();
    StringBuilder options = new StringBuilder();
    for (Command command : CommandGroup.all(groups.get())) {
      String name = command.name();
      commands.append("    ").append(quoted(name + ":" + command.summary())).append('\n');
      options.append("    ").append(name).append(") options=(");
      for (Option option : command.options()) {
        options.append(quoted("--" + option.name() + ":" + option.help())).append(' ');
      }
      options.append("'--help:tell more') ;;\n");
    }
    return """
    #compdef msb
    # zsh completion for msb: source <(msb completion zsh)
    _msb() {
      local -a commands options names
      commands=(
    %s  )
      if (( CURRENT == 2 )); then
        _describe command commands
        return
      fi
      if (( ${words[(I)--]} && ${words[(I)--]} < CURRENT )); then
        _default
        return
      fi
      case ${words[2]} in
    %s  esac
      if [[ ${words[CURRENT]} == -* ]]; then
        _describe option options
      else
        names=(${(f)"$(msb ls -q 2>/dev/null)"})
        compadd -a names
        _files
      fi
    }
    compdef _msb msb
    """
        .formatted(commands, options);
  }

  private String fish() {
    StringBuilder script =
        new StringBuilder(
            """
            # fish completion for msb: msb completion fish | source
            complete -c msb -e
            """);
    for (Command command : CommandGroup.all(groups.get())) {
      String name = command.name();
      script.append("complete -c msb -n __fish_use_subcommand -a ").append(name);
      script.append(" -d ").append(quoted(command.summary())).append('\n');
      for (Option option : command.options()) {
        script.append("complete -c msb -n '__fish_seen_subcommand_from ").append(name);
        script.append("' -l ").append(option.name());
        script.append(option.letter() == 0 ? "" : " -s " + option.letter());
        script.append(option.takesValue() ? " -r" : "");
        script.append(" -d ").append(quoted(option.help())).append('\n');
      }
    }
    script.append("complete -c msb -n 'not __fish_use_subcommand' -a '(msb ls -q 2>/dev/null)'\n");
    return script.toString();
  }

  /// In single quotes, in which zsh and fish see no others.
  private static String quoted(String text) {
    return "'" + text.replace("'", "’") + "'";
  }
}
