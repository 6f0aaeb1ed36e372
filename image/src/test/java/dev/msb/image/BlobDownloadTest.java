package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Blobs that come whole, in parts, wrong, or not at all.
@Timeout(60)
class BlobDownloadTest {
  private final TestImage image = new TestImage("amd64");
  private final byte[] layer = image.layer;
  private final String path = "/v2/app/blobs/" + Digest.of(layer);
  private final RecordedPause time = new RecordedPause();
  private WebServer server = new WebServer();

  @TempDir private Path directory = Path.of("/nonexistent");
  private Path file = directory;

  BlobDownloadTest() throws IOException {}

  @BeforeEach
  void serve() {
    file = directory.resolve("partial");
    server.on(path, WebServer.ranged(layer));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Registry registry(RegistryOptions.Builder options) throws ImageException {
    return new Registry(options.build(), CredentialSource.NONE, time, time, new Random(1));
  }

  private void download(RegistryOptions.Builder options) throws Exception {
    try (Registry registry = registry(options)) {
      registry.download(server.image("app"), image.layerDescriptor(), file, ProgressListener.NONE);
    }
  }

  private List<String> ranges() {
    return server.seen(path).stream().map(seen -> seen.header("Range")).toList();
  }

  @Test
  void aBlobIsDownloadedAndItsProgressHeard() throws Exception {
    List<Long> heard = new ArrayList<>();
    try (Registry registry = registry(server.options())) {
      registry.download(
          server.image("app"),
          image.layerDescriptor(),
          file,
          (blob, bytes) -> {
            assertThat(blob).isEqualTo(image.layerDescriptor());
            heard.add(bytes);
          });
    }
    assertThat(file).hasBinaryContent(layer);
    assertThat(heard).isSorted().last().isEqualTo((long) layer.length);
    assertThat(time.pauses()).isEmpty();
  }

  @Test
  void aBrokenDownloadGoesOnWhereItWas() throws Exception {
    server.on(path, WebServer.truncated(layer, 100_000), WebServer.ranged(layer));
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).containsExactly("", "bytes=100000-");
  }

  @Test
  void aStalledDownloadGoesOnWhereItWas() throws Exception {
    server.on(path, server.stalled(layer, 100_000), WebServer.ranged(layer));
    download(server.options().stallTimeout(Duration.ofSeconds(1)).maxRetries(50));
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).startsWith("", "bytes=100000-");
  }

  @Test
  void aDownloadThatKeepsStallingIsGivenUpAndKept() throws Exception {
    server.on(path, server.stalled(layer, 100_000));
    assertThatThrownBy(
            () -> download(server.options().stallTimeout(Duration.ofSeconds(1)).maxRetries(0)))
        .isInstanceOf(RegistryException.class)
        .hasMessage(server.host() + " stopped answering (check the network, and try again)");
    assertThat(file).hasBinaryContent(Arrays.copyOf(layer, 100_000));
  }

  @Test
  void whatAnEarlierProcessGotIsGoneOnFrom() throws Exception {
    Files.write(file, Arrays.copyOf(layer, 70_000));
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).containsExactly("bytes=70000-");
  }

  @Test
  void whatIsCompleteIsNotAskedFor() throws Exception {
    Files.write(file, layer);
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(server.seen()).isEmpty();
  }

  @Test
  void wrongBytesFromBeforeAreGotAgain() throws Exception {
    Files.write(file, new byte[70_000]);
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).containsExactly("bytes=70000-", "");

    Files.write(file, new byte[layer.length]);
    download(server.options());
    assertThat(file).hasBinaryContent(layer);

    Files.write(file, new byte[layer.length + 1]);
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
  }

  @Test
  void aServerWithoutRangesSendsAll() throws Exception {
    Files.write(file, Arrays.copyOf(layer, 70_000));
    server.on(path, WebServer.status(200, layer));
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).containsExactly("bytes=70000-");
  }

  @Test
  void aServerThatRefusesARangeIsAskedForAll() throws Exception {
    Files.write(file, Arrays.copyOf(layer, 70_000));
    server.on(path, WebServer.status(416, ""), WebServer.ranged(layer));
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).containsExactly("bytes=70000-", "");
  }

  @Test
  void aServerThatSendsAnotherRangeIsAskedForAll() throws Exception {
    Files.write(file, Arrays.copyOf(layer, 70_000));
    server.on(
        path,
        WebServer.status(206, "abc", "Content-Range", "bytes 0-2/300000"),
        WebServer.ranged(layer));
    download(server.options());
    assertThat(file).hasBinaryContent(layer);
    assertThat(ranges()).containsExactly("bytes=70000-", "");
  }

  @Test
  void otherBytesThanTheDigestNamesAreNotKept() {
    server.on(path, WebServer.status(200, new byte[layer.length]));
    assertThatThrownBy(() -> download(server.options()))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.INVALID))
        .hasMessage(server.host() + " sends other bytes than " + Digest.of(layer) + " names");
    assertThat(file).doesNotExist();
    assertThat(server.seen(path)).hasSize(1);
  }

  @Test
  void moreBytesThanWereNamedAreNotTaken() {
    server.on(path, WebServer.endless("a"));
    assertThatThrownBy(() -> download(server.options()))
        .hasMessage(server.host() + " sends more than the 300000 bytes of " + Digest.of(layer));
    assertThat(file).doesNotExist();
  }

  @Test
  void aShortBodyIsNoWholeBlob() throws Exception {
    server.on(path, WebServer.status(200, Arrays.copyOf(layer, 1000)));
    assertThatThrownBy(() -> download(server.options().maxRetries(0)))
        .hasMessage(
            server.host() + " sends 1000 bytes of " + Digest.of(layer) + " and not all 300000");
  }

  @Test
  void aMirrorsHalfIsCompletedByTheRegistry() throws Exception {
    try (WebServer mirror = new WebServer()) {
      mirror.on(path, WebServer.truncated(layer, 100_000));
      download(server.options().mirror(server.host(), mirror.address()));
      assertThat(file).hasBinaryContent(layer);
      assertThat(ranges()).containsExactly("bytes=100000-");
    }
  }

  @Test
  void aMirrorsWrongHalfIsReplacedByTheRegistry() throws Exception {
    try (WebServer mirror = new WebServer()) {
      mirror.on(path, WebServer.truncated(new byte[layer.length], 100_000));
      download(server.options().mirror(server.host(), mirror.address()));
      assertThat(file).hasBinaryContent(layer);
      assertThat(ranges()).containsExactly("bytes=100000-", "");
    }
  }

  @Test
  void aBlobThatIsNotThereIsNamed() {
    server.on(path, WebServer.status(404, ""));
    assertThatThrownBy(() -> download(server.options()))
        .hasMessage(
            "%1$s has no layer %2$s of %1$s/app:latest".formatted(server.host(), Digest.of(layer)));
    assertThat(file).doesNotExist();
  }

  @Test
  void aFileThatCannotBeWrittenIsNamed() {
    file = directory.resolve("gone/partial");
    assertThatThrownBy(() -> download(server.options()))
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("cannot write " + file);
  }

  @Test
  void anInterruptEndsADownloadAtOnce() throws Exception {
    server.on(path, server.stalled(layer, 100_000));
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          try {
            download(server.options().stallTimeout(Duration.ofHours(1)));
            return false;
          } catch (InterruptedException e) {
            return true;
          }
        });
    Thread thread = Thread.ofVirtual().start(task);
    server.awaitStall();
    thread.interrupt();
    assertThat(task.get()).isTrue();
  }

  @Test
  void anInterruptEndsAPause() throws Exception {
    server.on(path, WebServer.status(503, "", "Retry-After", "100"));
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          try (Registry registry = new Registry(server.options().build(), CredentialSource.NONE)) {
            registry.download(
                server.image("app"), image.layerDescriptor(), file, ProgressListener.NONE);
            return false;
          } catch (InterruptedException e) {
            return true;
          }
        });
    Thread thread = Thread.ofVirtual().start(task);
    while (server.seen().isEmpty()) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThat(task.get()).isTrue();
  }

  @Test
  void manyThreadsDownloadAtOnceWithOneToken() throws Exception {
    String realm = "Bearer realm=\"" + server.address() + "/token\"";
    server.on("/token", WebServer.status(200, "{\"token\":\"tok\"}"));
    server.on(
        path,
        exchange -> {
          boolean known =
              "Bearer tok".equals(exchange.getRequestHeaders().getFirst("Authorization"));
          (known ? WebServer.ranged(layer) : WebServer.status(401, "", "WWW-Authenticate", realm))
              .send(exchange);
        });
    List<Future<Path>> downloads = new ArrayList<>();
    try (Registry registry = registry(server.options());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        Path own = directory.resolve("partial" + i);
        downloads.add(
            threads.submit(() -> {
              registry.download(
                  server.image("app"), image.layerDescriptor(), own, ProgressListener.NONE);
              return own;
            }));
      }
    }
    for (Future<Path> download : downloads) {
      assertThat(download.get()).hasBinaryContent(layer);
    }
    assertThat(server.seen("/token")).hasSize(1);
  }
}
