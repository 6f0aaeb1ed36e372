package dev.msb.cli;

import dev.msb.home.MsbHome;
import dev.msb.image.Image;
import dev.msb.image.ImageStore;
import dev.msb.image.Reference;
import dev.msb.sdk.SandboxException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// `msb image ls|inspect|rm|prune`: the images that are here.
final class ImageCommand implements Command {
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

  /// The image of a name.
  static Image find(ImageStore store, Reference name) throws SandboxException {
    return ImageAccess.run("cannot read the images", () -> store.find(name))
        .orElseThrow(() -> new SandboxException("there is no image " + name.familiar() + " here"));
  }

  private static void list(Arguments arguments, boolean json) throws SandboxException {
    ImageStore store = ImageAccess.store(ImageAccess.home());
    List<Image> images = ImageAccess.run("cannot read the images", store::list);
    if (json) {
      Output.print(SandboxJson.array(images.stream().map(ImageJson::of).toList()));
      return;
    }
    if (arguments.has("quiet")) {
      images.forEach(image -> Output.printLine(image.name().familiar()));
      return;
    }
    Table table = new Table("NAME", "ID", "SIZE", "ADDED");
    for (Image image : images) {
      table.row(
          image.name().familiar(),
          image.id().hex().substring(0, SHORT_ID_DIGITS),
          PullProgress.size(image.size()),
          image.added().truncatedTo(ChronoUnit.SECONDS).toString());
    }
    Output.print(table.text());
  }

  private static int inspect(List<String> words)
      throws UsageException, SandboxException, InterruptedException {
    ImageStore store = ImageAccess.store(ImageAccess.home());
    List<JsonObject> objects = new ArrayList<>();
    int status =
        ForEach.each(
            ImageAccess.references(words), name -> objects.add(ImageJson.of(find(store, name))));
    Output.print(SandboxJson.array(objects));
    return status;
  }

  private static int remove(List<String> words)
      throws UsageException, SandboxException, InterruptedException {
    List<Reference> names = ImageAccess.references(words);
    MsbHome home = ImageAccess.home();
    ImageStore store = ImageAccess.store(home);
    return ForEach.each(
        names,
        name -> {
          boolean removed =
              ImageAccess.run(
                  "cannot remove " + name.familiar(),
                  () -> store.remove(name, home::rootDisksInUse));
          if (!removed) {
            throw new SandboxException("there is no image " + name.familiar() + " here");
          }
        });
  }

  private static void prune(Arguments arguments, boolean json) throws SandboxException {
    MsbHome home = ImageAccess.home();
    ImageStore.Pruned pruned =
        ImageAccess.run(
            "cannot remove images",
            () -> ImageAccess.store(home).prune(arguments.has("all"), home::rootDisksInUse));
    if (json) {
      Output.print(ImageJson.of(pruned) + "\n");
      return;
    }
    pruned.images().forEach(name -> Output.printLine(name.familiar()));
    if (!arguments.has("quiet")) {
      Output.error("freed " + PullProgress.size(pruned.bytes()));
    }
  }
}
