package dev.msb.cli;

import dev.msb.image.Descriptor;
import dev.msb.image.Image;
import dev.msb.image.ImageConfig;
import dev.msb.image.ImageStore;
import dev.msb.image.Reference;
import dev.msb.sdk.SandboxException;
import dev.msb.supervisor.MsbHome;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

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
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    List<String> words = arguments.positional();
    String what = words.isEmpty() ? "ls" : words.getFirst();
    List<String> names = words.isEmpty() ? List.of() : words.subList(1, words.size());
    boolean json = Format.isJson(arguments);
    switch (what) {
      case "ls", "list" -> list(arguments, json);
      case "inspect" -> inspect(some(names, what));
      case "rm", "remove" -> remove(some(names, what));
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

  /// The image of a name that a user wrote.
  static Image find(ImageStore store, String word)
      throws UsageException, SandboxException, InterruptedException {
    Reference name = ImageAccess.reference(word);
    return ImageAccess.run("cannot read the images", () -> store.find(name))
        .orElseThrow(() -> new SandboxException("there is no image " + name.familiar() + " here"));
  }

  private static void list(Arguments arguments, boolean json) throws SandboxException {
    ImageStore store = ImageAccess.store(ImageAccess.home());
    List<Image> images = ImageAccess.run("cannot read the images", store::list);
    if (json) {
      List<String> objects = images.stream().map(ImageCommand::json).toList();
      Msb.print("[" + String.join(",\n ", objects) + "]\n");
      return;
    }
    if (arguments.has("quiet")) {
      images.forEach(image -> Msb.print(image.name().familiar() + "\n"));
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
    Msb.print(table.text());
  }

  private static void inspect(List<String> words)
      throws UsageException, SandboxException, InterruptedException {
    ImageStore store = ImageAccess.store(ImageAccess.home());
    List<String> objects = new ArrayList<>();
    for (String word : words) {
      objects.add(json(find(store, word)));
    }
    Msb.print("[" + String.join(",\n ", objects) + "]\n");
  }

  private static void remove(List<String> words)
      throws UsageException, SandboxException, InterruptedException {
    List<Reference> names = new ArrayList<>();
    for (String word : words) {
      names.add(ImageAccess.reference(word));
    }
    MsbHome home = ImageAccess.home();
    ImageStore store = ImageAccess.store(home);
    for (Reference name : names) {
      boolean removed =
          ImageAccess.run(
              "cannot remove " + name.familiar(), () -> store.remove(name, home::rootDisksInUse));
      if (!removed) {
        throw new SandboxException("there is no image " + name.familiar() + " here");
      }
    }
  }

  private static void prune(Arguments arguments, boolean json) throws SandboxException {
    MsbHome home = ImageAccess.home();
    ImageStore.Pruned pruned =
        ImageAccess.run(
            "cannot remove images",
            () -> ImageAccess.store(home).prune(arguments.has("all"), home::rootDisksInUse));
    List<String> names = pruned.images().stream().map(Reference::familiar).toList();
    if (json) {
      Msb.print("{\"removed\":" + strings(names) + ",\"bytes\":" + pruned.bytes() + "}\n");
      return;
    }
    names.forEach(name -> Msb.print(name + "\n"));
    if (!arguments.has("quiet")) {
      Msb.error("freed " + PullProgress.size(pruned.bytes()));
    }
  }

  private static String json(Image image) {
    ImageConfig config = image.config();
    StringBuilder json = new StringBuilder("{");
    member(json, "name", Json.string(image.name().familiar()));
    member(json, "id", Json.string(image.id().toString()));
    member(json, "digest", Json.string(image.source().toString()));
    member(json, "manifest", Json.string(image.descriptor().digest().toString()));
    config.platform().ifPresent(p -> member(json, "platform", Json.string(p.toString())));
    member(json, "size", Long.toString(image.size()));
    member(json, "added", Json.string(image.added().toString()));
    config.created().ifPresent(time -> member(json, "created", Json.string(time.toString())));
    member(json, "entrypoint", strings(config.entrypoint()));
    member(json, "cmd", strings(config.cmd()));
    member(json, "env", strings(config.env()));
    member(json, "workdir", Json.string(config.workingDirectory()));
    member(json, "user", Json.string(config.user()));
    member(json, "stop_signal", Json.string(config.stopSignal()));
    member(json, "exposed_ports", strings(new TreeSet<>(config.exposedPorts())));
    member(json, "labels", labels(config.labels()));
    member(
        json,
        "layers",
        strings(
            image.manifest().layers().stream()
                .map(Descriptor::digest)
                .map(String::valueOf)
                .toList()));
    member(json, "root", Json.string(image.root().toString()));
    return json.append('}').toString();
  }

  private static void member(StringBuilder json, String name, String value) {
    json.append(json.length() > 1 ? "," : "").append('"').append(name).append("\":").append(value);
  }

  private static String strings(Collection<String> values) {
    return "[" + String.join(",", values.stream().map(Json::string).toList()) + "]";
  }

  private static String labels(Map<String, String> labels) {
    StringBuilder json = new StringBuilder("{");
    new TreeMap<>(labels)
        .forEach((name, value) -> {
          json.append(json.length() > 1 ? "," : "").append(Json.string(name)).append(':');
          json.append(Json.string(value));
        });
    return json.append('}').toString();
  }
}
