package dev.msb.cli;

import dev.msb.home.Distribution;
import dev.msb.home.MachineReport;
import dev.msb.home.MsbHome;
import dev.msb.protocol.OneLine;
import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.util.List;

/// `msb doctor`: shows what msb found on this machine, and why it works as it does.
final class DoctorCommand implements Command {
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
    try {
      Distribution distribution = Distribution.find();
      MsbHome home = MsbHome.ofEnvironment();
      home.make();
      line("msb", Version.TEXT);
      line("runtime", distribution.path().toString());
      line("home", home.path().toString());
      MachineReport machine = MachineReport.find(home, distribution);
      line("qemu", machine.qemu());
      line("kernel", distribution.kernelName());
      line("kernel file", distribution.kernel().toString());
      line("accelerator", machine.accelerator() + ": " + machine.why());
      if (machine.accelerator().equals("tcg")) {
        line("speed", "programs take about 20 times the processor time that they take here");
        line("isolation", "weak: QEMU's makers do not treat tcg as a security boundary");
      }
      return ExitCodes.OK;
    } catch (IOException e) {
      throw SandboxException.of("doctor", e);
    }
  }

  private static void line(String name, String value) {
    Output.print(
        name + " ".repeat(13 - name.length()) + OneLine.of(value, OneLine.LONGEST_MESSAGE) + "\n");
  }
}
