package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.it.Msb.Result;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Somebody copies the README's Java program into a fresh Maven project, with a Maven that knows
/// nothing yet, and runs it.
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("InlineFormatString") // a file is read best as a file
class NewcomerVmTest {
  private static final Path ROOT =
      Path.of(System.getProperty("msb.root", "..")).toAbsolutePath().normalize();

  private static final String SETTINGS =
      """
      <settings>
        <localRepository>%s</localRepository>
        <profiles>
          <profile>
            <id>installed</id>
            <repositories>
              <repository>
                <id>installed</id>
                <url>%s</url>
                <snapshots><updatePolicy>always</updatePolicy></snapshots>
              </repository>
            </repositories>
          </profile>
        </profiles>
        <activeProfiles><activeProfile>installed</activeProfile></activeProfiles>
      </settings>
      """;

  private static final String POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <groupId>newcomer</groupId>
        <artifactId>first</artifactId>
        <version>1</version>
        <properties>
          <maven.compiler.source>25</maven.compiler.source>
          <maven.compiler.target>25</maven.compiler.target>
          <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
        </properties>
        <dependencies>
      %s
        </dependencies>
      </project>
      """;

  @TempDir private static Path project = Path.of("/");

  private final Msb msb = new Msb(Files.createTempDirectory("msb-it-"));
  private String classPath = "";

  NewcomerVmTest() throws IOException {}

  @BeforeAll
  void copyAndCompile() throws Exception {
    Path target = Path.of("target", "newcomer").toAbsolutePath();
    Path repository = target.resolve("repository");
    run(ROOT.resolve("build").toString(), "install", repository.toString()).ok();

    String readme = Files.readString(ROOT.resolve("README.md"));
    Path settings = project.resolve("settings.xml");
    Files.writeString(
        settings, SETTINGS.formatted(target.resolve("maven"), repository.toUri().toString()));
    Files.writeString(project.resolve("pom.xml"), POM.formatted(block(readme, "xml")));
    Path source = Files.createDirectories(project.resolve("src/main/java")).resolve("Main.java");
    Files.writeString(source, block(readme, "java"));
    run(
            "mvn",
            "-B",
            "-ntp",
            "-s",
            settings.toString(),
            "compile",
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath",
            "-Dmdep.outputFile=classpath")
        .ok();
    classPath = "target/classes:" + Files.readString(project.resolve("classpath")).strip();
  }

  @AfterAll
  void removeAll() throws Exception {
    msb.removeAll();
  }

  private static String block(String text, String language) {
    Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(text);
    assertThat(block.find()).as("the README has a block of " + language).isTrue();
    return block.group(1);
  }

  @Test
  void itRuns() throws Exception {
    Result result = java("-cp", classPath, "Main").ok();
    assertThat(result.stdout()).isEqualTo("42\nack:turn1\nExited[code=0]\n");
    assertThat(result.stderr()).isEmpty();
    assertThat(msb.run("ls").ok().stdout()).containsPattern("agent +stopped");
  }

  @Test
  void itRunsAsModulesToo() throws Exception {
    Result result =
        java(
                "-p",
                classPath.replace("target/classes:", ""),
                "--add-modules",
                "dev.msb.sdk",
                "-cp",
                "target/classes",
                "Main")
            .ok();
    assertThat(result.stdout()).startsWith("42\n");
  }

  /// Nothing but our own jars and what archive/ and image/ need, see docs/dependencies.md.
  @Test
  void itsClassPathIsShort() {
    assertThat(classPath.split(":"))
        .extracting(jar -> Path.of(jar).getFileName().toString().replaceFirst("-[0-9].*", ""))
        .containsExactlyInAnyOrder(
            "classes",
            "msb-sdk",
            "msb-protocol",
            "msb-posix",
            "msb-archive",
            "msb-files",
            "msb-image",
            "msb-home",
            "jackson-core",
            "xz",
            "zstd-jni");
  }

  @Test
  void withoutTheRuntimeItIsToldWhatToDo() throws Exception {
    ProcessBuilder builder = command(javaProgram(), "-cp", classPath, "Main");
    builder.environment().put("MSB_HOME", project.resolve("empty").toString());
    Result result = Msb.finish(builder.start());
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.stderr())
        .contains("SandboxException: cannot create sandbox \"agent\": msb's runtime was not found")
        .contains("call ./build install in a checkout of msb, or set MSB_DIST");
  }

  private static String javaProgram() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private Result java(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(javaProgram()));
    command.addAll(List.of(words));
    return run(command.toArray(new String[0]));
  }

  private Result run(String... words) throws IOException, InterruptedException {
    return Msb.finish(command(words).start());
  }

  private ProcessBuilder command(String... words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(project.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("MSB_HOME", msb.home().toString());
    builder.environment().remove("MSB_DIST");
    builder.environment().remove("MAVEN_OPTS");
    return builder.redirectInput(new File("/dev/null"));
  }
}
