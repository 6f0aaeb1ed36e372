package dev.msb.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.msb.protocol.EndReason;
import dev.msb.protocol.ErrorCode;
import dev.msb.protocol.FailureKind;
import dev.msb.protocol.Frame;
import dev.msb.protocol.Protocol;
import dev.msb.protocol.ProtocolException;
import dev.msb.protocol.StdStream;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each kind of frame that a client or the guest may send is handed to a relay: it is taken, or
/// breaks a rule. One that the relay forgot would end its sandbox.
class EveryFrameTest {
  static List<Class<?>> kindsOfAClient() {
    return kinds(Frame.FromClient.class);
  }

  static List<Class<?>> kindsOfTheGuest() {
    return kinds(Frame.FromAgent.class);
  }

  private static List<Class<?>> kinds(Class<?> direction) {
    List<Class<?>> kinds = new ArrayList<>();
    for (Class<?> kind : direction.getPermittedSubclasses()) {
      assertThat(kind.isRecord()).as("%s is a record", kind).isTrue();
      kinds.add(kind);
    }
    return kinds;
  }

  @ParameterizedTest
  @MethodSource("kindsOfAClient")
  void theRelayKnowsIt(Class<?> kind) throws Exception {
    for (long owner : owners(kind, Protocol.LINK | 1)) {
      RelayHarness it = RelayHarness.configured();
      Client client = it.running(false);
      try {
        it.fromClient(client, frame(kind, owner));
      } catch (ProtocolException e) {
        assertThat(e.getMessage()).doesNotContain("from a client");
      }
      it.toClient(client);
    }
  }

  @ParameterizedTest
  @MethodSource("kindsOfTheGuest")
  void theRelayKnowsItOfTheGuest(Class<?> kind) throws Exception {
    for (long owner : owners(kind, Protocol.LINK | Protocol.OF_GUEST | 1)) {
      RelayHarness it = RelayHarness.configured();
      it.running(false);
      try {
        it.fromAgent(frame(kind, owner));
      } catch (ProtocolException e) {
        assertThat(e.getMessage()).doesNotContain("from the agent");
      }
      it.toAgentRaw();
    }
  }

  /// What a frame of this kind may belong to.
  private static List<Long> owners(Class<?> kind, long link) {
    if (isOfNoLink(kind)) {
      return List.of(0L, 1L);
    }
    return kind.getSimpleName().matches("Data|Credit|Close") ? List.of(1L, link) : List.of(link);
  }

  private static boolean isOfNoLink(Class<?> kind) {
    return Stream.of(kind.getRecordComponents())
        .noneMatch(component -> component.getName().equals("owner"));
  }

  /// A frame with some value in each field.
  private static Frame frame(Class<?> kind, long owner) throws ReflectiveOperationException {
    RecordComponent[] components = kind.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      boolean isOwner =
          components[i].getName().equals("exec") || components[i].getName().equals("owner");
      values[i] = isOwner ? Long.valueOf(owner) : value(types[i]);
    }
    var constructor = kind.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return (Frame) constructor.newInstance(values);
  }

  private static Object value(Class<?> type) {
    if (type == int.class) {
      return 5000;
    }
    if (type == long.class) {
      return 1L;
    }
    if (type == boolean.class) {
      return false;
    }
    if (type == String.class) {
      return "text";
    }
    if (type == ByteBuffer.class) {
      return RelayHarness.bytes(3);
    }
    if (type == StdStream.class) {
      return StdStream.STDOUT;
    }
    if (type == ErrorCode.class) {
      return ErrorCode.PROTOCOL;
    }
    if (type == EndReason.class) {
      return EndReason.ASKED;
    }
    if (type == FailureKind.class) {
      return FailureKind.OTHER;
    }
    if (type == dev.msb.protocol.StartRequest.class) {
      return RelayHarness.request(false, Protocol.DEFAULT_WINDOW_BYTES, "true");
    }
    if (type == dev.msb.protocol.ExitRecord.class) {
      return RelayTest.exit(0, 0);
    }
    throw new AssertionError("a value of " + type + " is needed here");
  }
}
