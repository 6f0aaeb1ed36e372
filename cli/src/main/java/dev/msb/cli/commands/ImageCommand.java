package dev.msb.cli.commands;

import dev.msb.cli.output.ExitCodes;
import dev.msb.cli.output.ImageJson;
import dev.msb.cli.output.JsonObject;
import dev.msb.cli.output.Output;
import dev.msb.cli.output.PullProgress;
import dev.msb.cli.output.SandboxJson;
import dev.msb.cli.output.Table;
import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Command;
import dev.msb.cli.words.Format;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.UsageException;
import dev.msb.sdk.ImageInfo;
import dev.msb.sdk.Images;
import dev.msb.sdk.SandboxException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// `msb image ls|inspect|rm|prune`: the images that are here.
public final class ImageCommand implements Command {
  private static final int SHORT_ID_DIGITS = 12;

  @Override
  public String name() {
    return "image";
  }

  @Override
  public String synopsis() {
    return "ls | inspect IMAGE... | rm IMAGE... | prune [-a]";
  }

  @Override
  public String summary() {
    return "list, show and remove the images that are here";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("format", '\0', "table|json", "with ls and prune (table)"),
        Option.flag("all", 'a', "with prune: also images that no sandbox uses"),
        Option.flag("quiet", 'q', "names only"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb image ls", "msb image rm python:3.12", "msb image prune");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> words = arguments.positional();
    String what = words.isEmpty() ? "ls" : words.getFirst();
    List<String> names = words.isEmpty() ? List.of() : words.subList(1, words.size());
    boolean json = Format.isJson(arguments);
    switch (what) {
      case "ls", "list" -> list(arguments, json);
      case "inspect" -> {
        return inspect(some(names, what));
      }
      case "rm", "remove" -> {
        return remove(some(names, what));
      }
      case "prune" -> prune(arguments, json);
      default -> throw new UsageException("image " + what + ": write ls, inspect, rm or prune");
    }
    return ExitCodes.OK;
  }

  private static List<String> some(List<String> names, String what) throws UsageException {
    if (names.isEmpty()) {
      throw new UsageException("image " + what + " needs the name of an image");
    }
    return names;
  }

  private static void list(Arguments arguments, boolean json) throws SandboxException {
    List<ImageInfo> images = Images.list();
    if (json) {
      Output.print(SandboxJson.array(images.stream().map(ImageJson::of).toList()));
      return;
    }
    if (arguments.has("quiet")) {
      images.forEach(image -> Output.printLine(image.name()));
      return;
    }
    Table table = new Table("NAME", "ID", "SIZE", "ADDED");
    for (ImageInfo image : images) {
      String id = image.id().substring(image.id().indexOf(':') + 1);
      table.row(
          image.name(),
          id.substring(0, SHORT_ID_DIGITS),
          PullProgress.size(image.size()),
          image.added().truncatedTo(ChronoUnit.SECONDS).toString());
    }
    Output.print(table.text());
  }

  private static int inspect(List<String> words) throws SandboxException, InterruptedException {
    List<JsonObject> objects = new ArrayList<>();
    int status =
        ForEach.each(
            Names.images(words),
            name -> objects.add(ImageJson.of(Images.find(name).orElseThrow(() -> missing(name)))));
    Output.print(SandboxJson.array(objects));
    return status;
  }

  private static int remove(List<String> words) throws SandboxException, InterruptedException {
    return ForEach.each(
        Names.images(words),
        name -> {
          if (!Images.remove(name)) {
            throw missing(name);
          }
        });
  }

  private static SandboxException missing(String name) {
    return new SandboxException("there is no image " + name + " here");
  }

  private static void prune(Arguments arguments, boolean json) throws SandboxException {
    Images.Pruned pruned = Images.prune(arguments.has("all"));
    if (json) {
      Output.print(ImageJson.of(pruned) + "\n");
      return;
    }
    pruned.images().forEach(Output::printLine);
    if (!arguments.has("quiet")) {
      Output.error("freed " + PullProgress.size(pruned.bytes()));
    }
  }
}
