package dev.msb.it;

import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// Tests that drive the box from this JVM, through the SDK.
abstract class SdkTest extends BoxTest {
  SdkTest() throws IOException {}

  /// Points the SDK to the test's home, as the environment of a running JVM cannot be changed.
  @BeforeAll
  void pointSdk() {
    System.setProperty("msb.home", msb.home().toString());
    System.setProperty(
        "msb.dist", Path.of(System.getProperty("msb.root", ".."), "dist").toString());
  }

  @AfterAll
  static void forget() {
    System.clearProperty("msb.home");
    System.clearProperty("msb.dist");
  }

  static Sandbox box() throws SandboxException {
    return Sandbox.get("box");
  }
}
