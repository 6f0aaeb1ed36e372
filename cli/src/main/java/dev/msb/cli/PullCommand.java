package dev.msb.cli;

import dev.msb.home.MsbHome;
import dev.msb.image.Image;
import dev.msb.image.ImageListener;
import dev.msb.image.ImageSettings;
import dev.msb.image.Platform;
import dev.msb.image.Reference;
import dev.msb.image.Registry;
import dev.msb.sdk.SandboxException;
import java.util.ArrayList;
import java.util.List;

/// `msb pull`: gets images from their registries.
final class PullCommand implements Command {
  @Override
  public String name() {
    return "pull";
  }

  @Override
  public String synopsis() {
    return "IMAGE... [OPTIONS]";
  }

  @Override
  public String summary() {
    return "get images from their registries";
  }

  @Override
  public List<Option> options() {
    List<Option> options = new ArrayList<>(ImageAccess.REGISTRY_OPTIONS);
    options.add(Option.flag("quiet", 'q', "no progress"));
    return options;
  }

  @Override
  public List<String> examples() {
    return List.of("msb pull python:3.12");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (arguments.positional().isEmpty()) {
      throw new UsageException("pull needs the name of an image");
    }
    List<Reference> names = ImageAccess.references(arguments.positional());
    MsbHome home = ImageAccess.home();
    return ForEach.each(
        names,
        name -> {
          Image image =
              ImageAccess.run("cannot pull " + name.familiar(), () -> pull(arguments, home, name));
          Output.printLine(name.familiar() + " " + image.source());
        });
  }

  private static Image pull(Arguments arguments, MsbHome home, Reference name)
      throws java.io.IOException, InterruptedException {
    ImageSettings settings = ImageAccess.settings(home);
    ImageAccess.apply(arguments, name.registry(), settings.registries());
    ImageListener progress = PullProgress.of(arguments);
    try (Registry registry =
        new Registry(settings.registries().build(), ImageAccess.credentials(home))) {
      return ImageAccess.store(home)
          .pull(name, registry, Platform.host(), settings.limits(), progress);
    } finally {
      PullProgress.end(progress);
    }
  }
}
