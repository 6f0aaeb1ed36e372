package dev.msb.cli;

import dev.msb.image.Image;
import dev.msb.image.ImageArchiveWriter;
import dev.msb.image.ImageStore;
import dev.msb.image.Reference;
import dev.msb.posix.Posix;
import dev.msb.sdk.SandboxException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `msb save`: writes images for other programs.
final class SaveCommand implements Command {
  private static final int STDOUT = 1;

  @Override
  public String name() {
    return "save";
  }

  @Override
  public String synopsis() {
    return "IMAGE... [-o FILE]";
  }

  @Override
  public String summary() {
    return "write images to a tar that is an OCI layout and that docker load reads";
  }

  @Override
  public List<Option> options() {
    return List.of(
        Option.value("output", 'o', "FILE", "where to; a directory if it ends with / (stdout)"));
  }

  @Override
  public List<String> examples() {
    return List.of("msb save python:3.12 -o image.tar");
  }

  @Override
  public int run(Arguments arguments)
      throws UsageException, SandboxException, InterruptedException {
    if (arguments.positional().isEmpty()) {
      throw new UsageException("save needs the name of an image");
    }
    String output = arguments.value("output");
    if (output == null && Posix.isatty(STDOUT) == 1) {
      throw new UsageException("an archive does not go to a terminal: write -o FILE");
    }
    ImageStore store = ImageAccess.store(ImageAccess.home());
    List<Image> images = new ArrayList<>();
    for (Reference name : ImageAccess.references(arguments.positional())) {
      images.add(ImageCommand.find(store, name));
    }
    return ImageAccess.run(
        "cannot write " + output,
        () -> {
          if (output == null || output.equals("-")) {
            try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
              ImageArchiveWriter.save(store, images, out);
            }
          } else {
            Path path = Path.of(output);
            if (output.endsWith("/")) {
              Files.createDirectories(path);
            }
            ImageArchiveWriter.save(store, images, path);
          }
          return ExitCodes.OK;
        });
  }
}
