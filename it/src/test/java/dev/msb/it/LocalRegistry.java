package dev.msb.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/// Debian's registry, on a port of its own, with what skopeo puts there.
final class LocalRegistry {
  private final Path directory;
  private final Process process;
  private int port;

  LocalRegistry() throws Exception {
    directory = Files.createTempDirectory("msb-it-registry-");
    Process started = start();
    while (!started.isAlive()) { // somebody else got the port
      started = start();
    }
    process = started;
  }

  /// Starts it on a port that is free now, and waits until it answers or has ended.
  private Process start() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path config = directory.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: 127.0.0.1:%d}
        log: {level: error, accesslog: {disabled: true}}
        """
            .formatted(directory.resolve("data"), port));
    Path log = directory.resolve("log");
    Process started =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    while (started.isAlive() && !answers()) {
      Thread.sleep(20); // the test's time limit ends this
    }
    if (!started.isAlive() && !Files.readString(log).contains("address already in use")) {
      throw new AssertionError(Files.readString(log));
    }
    return started;
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  String host() {
    return "localhost:" + port;
  }

  /// What an image of this name is called from outside.
  String reference(String name) {
    return host() + "/" + name;
  }

  /// Where the registry keeps the bytes of a blob.
  Path blob(String hex) {
    return directory.resolve(
        "data/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
  }

  /// Copies an image of an OCI layout here.
  void push(Path layout, String image, String name) throws Exception {
    Msb.finish(
            new ProcessBuilder(
                    "skopeo",
                    "copy",
                    "-q",
                    "--dest-tls-verify=false",
                    "oci:" + layout + ":" + image,
                    "docker://127.0.0.1:" + port + "/" + name)
                .start())
        .ok();
  }

  /// Ends it and removes what it had.
  void close() throws Exception {
    process.destroy();
    process.waitFor();
    Msb.deleteTree(directory);
  }
}
