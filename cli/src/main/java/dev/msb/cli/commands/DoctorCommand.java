package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.Output;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.GuestText;
import dev.msb.sdk.Machine;
import dev.msb.sdk.SandboxException;
import java.util.List;

/// `msb doctor`: shows what msb found on this machine, and why it works as it does.
public final class DoctorCommand implements Command {
  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public String synopsis() {
    return "";
  }

  @Override
  public String summary() {
    return "show what was found on this machine";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public List<String> examples() {
    return List.of("msb doctor");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (!arguments.positional().isEmpty()) {
      throw new UsageException("unexpected \"" + arguments.positional().getFirst() + "\"");
    }
    Machine machine = Machine.inspect();
    line("msb", Machine.version());
    line("runtime", machine.runtime().toString());
    line("home", machine.home().toString());
    Machine.Virtualization virtualization = machine.virtualization();
    line("qemu", virtualization.qemu());
    line("kernel", machine.kernel());
    line("kernel file", machine.kernelFile().toString());
    line("accelerator", virtualization.accelerator() + ": " + virtualization.reason());
    if (virtualization.accelerator() == Machine.Accelerator.TCG) {
      line("speed", "programs take about 20 times the processor time that they take here");
      line("isolation", "weak: QEMU's makers do not treat tcg as a security boundary");
    }
    return ExitCodes.OK;
  }

  private static void line(String name, String value) {
    Output.print(
        name + " ".repeat(13 - name.length()) + GuestText.line(value, Output.LONGEST_LINE) + "\n");
  }
}
