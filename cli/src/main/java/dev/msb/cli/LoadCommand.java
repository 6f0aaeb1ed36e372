package dev.msb.cli;

import dev.msb.home.MsbHome;
import dev.msb.image.Image;
import dev.msb.image.ImageArchive;
import dev.msb.image.ImageListener;
import dev.msb.image.Platform;
import dev.msb.image.Reference;
import dev.msb.sdk.SandboxException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/// `msb load`: takes images out of an archive.
final class LoadCommand implements Command {
  @Override
  public String name() {
    return "load";
  }

  @Override
  public String synopsis() {
    return "-i FILE [OPTIONS]";
  }

  @Override
  public String summary() {
    return "take images out of an archive: an OCI layout, or what docker save makes";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("input", 'i', "FILE", "a tar, compressed or not, or a directory; - for stdin"),
        Option.value("tag", 't', "NAME", "call the image so, instead of what the archive says"),
        Option.flag("quiet", 'q', "no progress"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb load -i image.tar");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    String input = arguments.value("input");
    if (input == null || !arguments.positional().isEmpty()) {
      throw new UsageException("load takes the archive as -i FILE");
    }
    String tag = arguments.value("tag");
    Optional<Reference> name =
        tag == null ? Optional.empty() : Optional.of(ImageAccess.reference(tag));
    MsbHome home = ImageAccess.home();
    List<Image> images =
        ImageAccess.run("cannot load " + input, () -> load(arguments, home, input, name));
    for (Image image : images) {
      Output.printLine(image.name().familiar() + " " + image.source());
    }
    return ExitCodes.OK;
  }

  private static List<Image> load(
      Arguments arguments, MsbHome home, String input, Optional<Reference> name)
      throws IOException, InterruptedException {
    ImageListener progress = PullProgress.of(arguments);
    Path copy = null;
    try {
      Path archive = Path.of(input);
      if (input.equals("-")) {
        copy = Files.createTempFile(home.path(), "load-", ".tar");
        Files.copy(
            new FileInputStream(FileDescriptor.in), copy, StandardCopyOption.REPLACE_EXISTING);
        archive = copy;
      } else if (!Files.exists(archive)) {
        throw new SandboxException("there is no archive " + input);
      }
      return ImageArchive.load(
          ImageAccess.store(home),
          archive,
          name,
          Platform.host(),
          ImageAccess.settings(home).limits(),
          progress);
    } finally {
      PullProgress.end(progress);
      if (copy != null) {
        Files.deleteIfExists(copy);
      }
    }
  }
}
