package dev.msb.cli.commands;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.Option;
import dev.msb.cli.words.Suggestion;
import dev.msb.cli.words.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// `--conf`: a YAML file whose keys are options of `create` and `run`. Strict: what is not known,
/// is there twice or is of another kind is an error that names the line.
final class ConfFile {
  static final Option OPTION =
      Option.value("conf", '\0', "FILE", "options from a YAML file; those given here win");

  private enum Kind {
    /// One value.
    VALUE,
    /// `true` or `false`, for a flag.
    FLAG,
    /// Names with values, for an option that is repeated as `NAME=VALUE`.
    NAMES,
    /// Names, each with a value or null, or without.
    NAMES_OR_NULL,
    /// A list of values.
    LIST
  }

  private record Key(String option, Kind kind) {}

  private static final Map<String, Key> KEYS =
      Map.ofEntries(
          Map.entry("image", new Key("image", Kind.VALUE)),
          Map.entry("name", new Key("name", Kind.VALUE)),
          Map.entry("cpus", new Key("cpus", Kind.VALUE)),
          Map.entry("memory", new Key("memory", Kind.VALUE)),
          Map.entry("disk", new Key("disk", Kind.VALUE)),
          Map.entry("workdir", new Key("workdir", Kind.VALUE)),
          Map.entry("user", new Key("user", Kind.VALUE)),
          Map.entry("pull", new Key("pull", Kind.VALUE)),
          Map.entry("log", new Key("log", Kind.VALUE)),
          Map.entry("idle_timeout", new Key("idle-timeout", Kind.VALUE)),
          Map.entry("max_duration", new Key("max-duration", Kind.VALUE)),
          Map.entry("ephemeral", new Key("ephemeral", Kind.FLAG)),
          Map.entry("env", new Key("env", Kind.NAMES_OR_NULL)),
          Map.entry("labels", new Key("label", Kind.NAMES_OR_NULL)),
          Map.entry("scripts", new Key("script", Kind.NAMES)),
          Map.entry("tmpfs", new Key("tmpfs", Kind.LIST)));

  private final String file;
  private final Arguments.Builder values;

  private ConfFile(String file, Arguments.Builder values) {
    this.file = file;
    this.values = values;
  }

  /// The arguments behind those of the file that they name, if they name one.
  static Arguments applyTo(Arguments arguments) throws UsageException {
    String file = arguments.value("conf");
    if (file == null) {
      return arguments;
    }
    Arguments.Builder values = new Arguments.Builder();
    ConfFile conf = new ConfFile(file, values);
    Node root = conf.parse();
    if (root != null) {
      conf.readKeys(root);
    }
    return values.followedBy(arguments);
  }

  private @Nullable Node parse() throws UsageException {
    LoadSettings settings = LoadSettings.builder().setLabel(file).build();
    try {
      String text = Files.readString(Path.of(file));
      StreamReader reader = new StreamReader(settings, text);
      return new Composer(settings, new ParserImpl(settings, reader)).getSingleNode().orElse(null);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new UsageException(file + ":" + line + ": " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new UsageException(file + ": " + e.getMessage());
    } catch (NoSuchFileException e) {
      throw new UsageException("--conf \"" + file + "\" is not there");
    } catch (IOException e) {
      throw new UsageException("--conf \"" + file + "\" cannot be read");
    }
  }

  private void readKeys(Node root) throws UsageException {
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping(root, "the file").getValue()) {
      String name = scalar(entry.getKeyNode(), "a key");
      Key key = KEYS.get(name);
      if (key == null) {
        String near = Suggestion.nearest(name, List.copyOf(KEYS.keySet()));
        throw error(
            entry.getKeyNode(),
            "unknown key \""
                + name
                + "\""
                + (near.isEmpty() ? "" : "; did you mean " + near + "?"));
      }
      if (!seen.add(name)) {
        throw error(entry.getKeyNode(), "\"" + name + "\" is there twice");
      }
      read(name, key, entry.getValueNode());
    }
  }

  private void read(String name, Key key, Node value) throws UsageException {
    switch (key.kind) {
      case VALUE -> {
        String text = scalar(value, "\"" + name + "\"");
        if (name.equals("image")) {
          values.positional(text);
        } else {
          values.option(key.option, text);
        }
      }
      case FLAG -> {
        String text = scalar(value, "\"" + name + "\"");
        if (!text.equals("true") && !text.equals("false")) {
          throw error(value, "\"" + name + "\" is true or false, not \"" + text + "\"");
        }
        if (text.equals("true")) {
          values.option(key.option, "");
        }
      }
      case LIST -> {
        if (!(value instanceof SequenceNode list)) {
          throw error(value, "\"" + name + "\" is to be a list");
        }
        for (Node item : list.getValue()) {
          values.option(key.option, scalar(item, "what is in \"" + name + "\""));
        }
      }
      case NAMES, NAMES_OR_NULL -> readNames(name, key, value);
    }
  }

  private void readNames(String name, Key key, Node value) throws UsageException {
    Set<String> seen = new HashSet<>();
    for (NodeTuple entry : mapping(value, "\"" + name + "\"").getValue()) {
      String member = scalar(entry.getKeyNode(), "a name in \"" + name + "\"");
      if (member.isEmpty() || member.indexOf('=') >= 0) {
        throw error(entry.getKeyNode(), "\"" + member + "\" is no name");
      }
      if (!seen.add(member)) {
        throw error(entry.getKeyNode(), "\"" + member + "\" is there twice");
      }
      boolean none = entry.getValueNode().getTag().equals(Tag.NULL);
      if (none && key.kind == Kind.NAMES_OR_NULL) {
        values.option(key.option, member);
      } else {
        values.option(
            key.option, member + "=" + scalar(entry.getValueNode(), "\"" + member + "\""));
      }
    }
  }

  private MappingNode mapping(Node node, String what) throws UsageException {
    if (node instanceof MappingNode mapping) {
      return mapping;
    }
    throw error(node, what + " is to have keys and values");
  }

  private String scalar(Node node, String what) throws UsageException {
    if (node instanceof ScalarNode scalar && !node.getTag().equals(Tag.NULL)) {
      return scalar.getValue();
    }
    throw error(node, what + " is to be one value");
  }

  private UsageException error(Node node, String what) {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    return new UsageException(file + ":" + line + ": " + what);
  }
}
