package dev.msb.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PropertiesFileTest {
  @TempDir Path directory;

  @Test
  void whatIsWrittenIsRead() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("env.0", " TEXT=\u00e4 \ud83d\ude00\n\t\\end ");
    properties.setProperty("# : key!", "");
    properties.setProperty("", "=");

    assertThat(writtenAndRead(properties)).isEqualTo(properties);
  }

  @RepeatedTest(20)
  void anyCharactersAreRead() throws Exception {
    long seed = Long.getLong("msb.seed", System.nanoTime());
    Random random = new Random(seed);
    Properties properties = new Properties();
    for (int i = 0; i < 50; i++) {
      properties.setProperty(word(random), word(random));
    }

    assertThat(writtenAndRead(properties)).as("-Dmsb.seed=" + seed).isEqualTo(properties);
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(10); i > 0; i--) {
      word.append((char) random.nextInt(random.nextBoolean() ? 0x80 : 0x10000));
    }
    return word.toString();
  }

  private Properties writtenAndRead(Properties properties) throws Exception {
    Path file = directory.resolve("properties");
    PropertiesFile.write(file, properties);
    Properties read = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      read.load(in);
    }
    return read;
  }
}
