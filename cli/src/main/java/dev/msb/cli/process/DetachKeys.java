package dev.msb.cli.process;

import dev.msb.cli.words.Arguments;
import dev.msb.cli.words.UsageException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The keys by which a person leaves a terminal, in docker's notation: keys with commas between
/// them, each a character, `ctrl-` and one of `a` to `z`, `@`, `[`, `\`, `]`, `^`, `_`, or `DEL`.
/// An empty text is no keys at all.
public final class DetachKeys {
  private static final String DEFAULT = "ctrl-p,ctrl-q";
  private static final String CONTROLS = "@abcdefghijklmnopqrstuvwxyz[\\]^_"; // by their codes

  private final byte[] keys;
  private final int[] fallback; // the longest beginning of the keys that ends the first i of them
  private int matched;

  private DetachKeys(byte[] keys) {
    this.keys = keys;
    this.fallback = new int[keys.length + 1];
    for (int i = 1; i < keys.length; i++) {
      int length = fallback[i];
      while (length > 0 && keys[length] != keys[i]) {
        length = fallback[length];
      }
      fallback[i + 1] = keys[length] == keys[i] ? length + 1 : 0;
    }
  }

  /// Those of the option `--detach-keys`, else of `MSB_DETACH_KEYS`, else `ctrl-p,ctrl-q`.
  public static DetachKeys of(Arguments arguments) throws UsageException {
    String option = arguments.value("detach-keys");
    if (option != null) {
      return parse("--detach-keys", option);
    }
    String variable = System.getenv("MSB_DETACH_KEYS");
    return variable == null ? parse("", DEFAULT) : parse("MSB_DETACH_KEYS", variable);
  }

  /// Reads keys as `--detach-keys` takes them.
  ///
  /// @param what where the text comes from, for people
  public static DetachKeys parse(String what, String text) throws UsageException {
    ByteArrayOutputStream codes = new ByteArrayOutputStream();
    if (!text.isEmpty()) {
      for (String key : text.split(",", -1)) {
        byte[] code = code(key);
        if (code == null) {
          throw new UsageException(
              what
                  + " \""
                  + text
                  + "\" is no list of keys: write ctrl-p,ctrl-q or a,b, or nothing for none");
        }
        codes.writeBytes(code);
      }
    }
    return new DetachKeys(codes.toByteArray());
  }

  private static byte @Nullable [] code(String key) {
    if (key.codePointCount(0, key.length()) == 1) {
      return key.getBytes(StandardCharsets.UTF_8);
    }
    if (key.equals("DEL")) {
      return new byte[] {127};
    }
    String name = key.toLowerCase(Locale.ROOT);
    int control = name.length() == 6 ? CONTROLS.indexOf(name.charAt(5)) : -1;
    return name.startsWith("ctrl-") && control >= 0 ? new byte[] {(byte) control} : null;
  }

  /// Takes what was typed, and returns what is to be passed on: all but what may be the beginning
  /// of the keys. What follows the keys themselves is dropped.
  byte[] pass(byte[] typed, int count) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(count + matched);
    for (int i = 0; i < count && !areComplete(); i++) {
      byte key = typed[i];
      while (matched > 0 && keys[matched] != key) {
        // The first keys that matched were none; what follows them may begin anew.
        out.write(keys, 0, matched - fallback[matched]);
        matched = fallback[matched];
      }
      if (keys.length > 0 && keys[matched] == key) {
        matched++;
      } else {
        out.write(key);
      }
    }
    return out.toByteArray();
  }

  /// Whether all of the keys were typed.
  boolean areComplete() {
    return keys.length > 0 && matched == keys.length;
  }

  /// Whether some of them were, and are held back.
  boolean areBegun() {
    return matched > 0;
  }

  /// The rest will not come: returns what was held back.
  byte[] giveUp() {
    byte[] held = new byte[matched];
    System.arraycopy(keys, 0, held, 0, matched);
    matched = 0;
    return held;
  }
}
