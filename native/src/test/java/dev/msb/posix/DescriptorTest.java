package dev.msb.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DescriptorTest {
  private int reader;
  private int writer;

  @BeforeEach
  void makePipe() throws IOException {
    int[] two = Io.pipe();
    reader = two[0];
    writer = two[1];
  }

  @AfterEach
  void closePipe() {
    Io.close(reader, writer);
  }

  private void closeReader() {
    Posix.close(reader);
    reader = -1;
  }

  private void closeWriter() {
    Posix.close(writer);
    writer = -1;
  }

  @Test
  void partOfABufferIsWrittenAndRead() throws IOException {
    assertThat(Posix.write(writer, Io.direct("abcdef"), 2, 3)).isEqualTo(3);
    ByteBuffer buffer = Io.direct("------");
    assertThat(Posix.read(reader, buffer, 1, 5)).isEqualTo(3);
    byte[] bytes = new byte[6];
    buffer.get(0, bytes);
    assertThat(bytes).isEqualTo(Io.bytes("-cde--"));
    assertThat(buffer.position()).isZero();
  }

  @Test
  void sliceIsAddressedFromItsOwnStart() throws IOException {
    ByteBuffer slice = Io.direct("abcdef").slice(2, 3);
    assertThat(Posix.write(writer, slice, 1, 2)).isEqualTo(2);
    assertThat(Io.read(reader)).isEqualTo("de");
    assertThat(Posix.write(writer, slice, 0, 4)).isEqualTo(-Posix.EINVAL);
  }

  @Test
  void rangeOutsideTheBufferIsRefused() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4);
    assertThat(Posix.read(reader, buffer, -1, 2)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.read(reader, buffer, 0, -1)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.write(writer, buffer, 3, 2)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.write(writer, buffer, Integer.MAX_VALUE, 4)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.write2(writer, buffer, 0, 4, buffer, 1, 4)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.write(writer, buffer, 4, 0)).isZero();
  }

  @Test
  void bufferOnTheHeapIsRefused() {
    assertThat(Posix.write(writer, ByteBuffer.allocate(4), 0, 4)).isEqualTo(-Posix.EINVAL);
  }

  @Test
  void twoBuffersGoOutAsOne() throws IOException {
    assertThat(Posix.write2(writer, Io.direct("xhead"), 1, 4, Io.direct("body!"), 0, 4))
        .isEqualTo(8);
    assertThat(Io.read(reader)).isEqualTo("headbody");
  }

  @Test
  void readingAtTheEndGivesNothing() throws IOException {
    closeWriter();
    assertThat(Io.read(reader)).isEmpty();
  }

  @Test
  void nonBlockingDescriptorSaysAgain() {
    assertThat(Posix.nonBlocking(reader, true)).isZero();
    ByteBuffer buffer = ByteBuffer.allocateDirect(1);
    assertThat(Posix.read(reader, buffer, 0, 1)).isEqualTo(-Posix.EAGAIN);
  }

  @Test
  void nonBlockingCanBeTakenBack() throws IOException {
    assertThat(Posix.nonBlocking(reader, true)).isZero();
    assertThat(Posix.nonBlocking(reader, false)).isZero();
    Thread.ofPlatform().start(this::closeWriter);
    assertThat(Io.read(reader)).isEmpty();
  }

  @Test
  void writingWithoutAReaderIsABrokenPipe() {
    closeReader();
    assertThat(Posix.write(writer, Io.direct("x"), 0, 1)).isEqualTo(-Posix.EPIPE);
  }

  @Test
  void pollSeesThatTheReaderHasGoneWithoutBeingAsked() throws IOException {
    assertThat(Io.poll(writer, 0, 0)).isZero();
    closeReader();
    assertThat(Io.poll(writer, 0, -1)).isEqualTo(Posix.POLLERR);
  }

  @Test
  void pollSeesBytesAndThenTheEnd() throws IOException {
    assertThat(Io.poll(reader, Posix.POLLIN, 0)).isZero();
    Io.write(writer, "x");
    assertThat(Io.poll(reader, Posix.POLLIN, -1)).isEqualTo(Posix.POLLIN);
    Io.read(reader);
    closeWriter();
    assertThat(Io.poll(reader, Posix.POLLIN, -1)).isEqualTo(Posix.POLLHUP);
  }

  @Test
  void pollPassesOverNegativeDescriptorsAndNamesClosedOnes() {
    short[] revents = {9, 9};
    short[] events = {Posix.POLLIN, Posix.POLLIN};
    assertThat(Posix.poll(new int[] {-1, 1 << 20}, events, revents, 2, 0)).isEqualTo(1);
    assertThat(revents).containsExactly((short) 0, Posix.POLLNVAL);
  }

  @Test
  void pollTakesThousandsOfDescriptors() throws IOException {
    int n = 4096;
    int[] fds = new int[n];
    short[] events = new short[n];
    short[] revents = new short[n];
    Arrays.fill(fds, -1);
    Arrays.fill(events, Posix.POLLIN);
    fds[n - 1] = reader;
    fds[64] = reader;
    assertThat(Posix.poll(fds, events, revents, n, 0)).isZero();
    Io.write(writer, "x");
    assertThat(Posix.poll(fds, events, revents, n, -1)).isEqualTo(2);
    assertThat(revents[n - 1]).isEqualTo(Posix.POLLIN);
    assertThat(revents[64]).isEqualTo(Posix.POLLIN);
    assertThat(revents[63]).isZero();
  }

  @Test
  void pollRefusesArraysThatAreTooShort() {
    short[] one = new short[1];
    assertThat(Posix.poll(new int[2], new short[2], one, 2, 0)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.poll(new int[2], one, new short[2], 2, 0)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.poll(new int[1], one, one, -1, 0)).isEqualTo(-Posix.EINVAL);
    assertThat(Posix.poll(new int[5000], new short[5000], new short[5000], 5000, 0))
        .isEqualTo(-Posix.EINVAL);
  }

  @Test
  void closingTwiceIsAnError() {
    assertThat(Posix.close(reader)).isZero();
    assertThat(Posix.close(reader)).isEqualTo(-Posix.EBADF);
    reader = -1;
  }

  @Test
  void copyOfADescriptorKeepsThePipeOpen() throws IOException {
    int spare = Posix.check(Posix.open(Io.bytes("/dev/null"), Posix.O_RDWR, 0), "open");
    assertThat(Posix.dup2(writer, spare)).isEqualTo(spare);
    closeWriter();
    Io.write(spare, "x");
    assertThat(Io.read(reader)).isEqualTo("x");
    Posix.close(spare);
  }

  @Test
  void pipeTakesAsMuchAsItWasGiven() {
    assertThat(Posix.pipeSize(writer)).isGreaterThanOrEqualTo(4096);
    assertThat(Posix.setPipeSize(writer, 8192)).isEqualTo(8192);
    assertThat(Posix.pipeSize(reader)).isEqualTo(8192);
    assertThat(Posix.nonBlocking(writer, true)).isZero();
    assertThat(Posix.write(writer, ByteBuffer.allocateDirect(65_536), 0, 65_536)).isEqualTo(8192);
  }
}
