package dev.msb.files;

import dev.msb.files.FileRequest.Name;
import dev.msb.files.FileRequest.Time;
import dev.msb.protocol.PayloadReader;
import dev.msb.protocol.PayloadWriter;
import dev.msb.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The messages of the file service, fields to bytes and back. `agent/src/files_request.c` is the
/// other end; both are held to the vectors in `testdata/files`.
final class FileCodec {
  private static final int MAX_NANOS = 999_999_999;
  private static final FileReply.Kind[] KINDS = FileReply.Kind.values();

  private FileCodec() {}

  /// A whole message.
  ///
  /// @throws IllegalArgumentException if it would be too long, as with a path of more than 32 KiB
  static byte[] encode(int id, FileRequest request) {
    PayloadWriter out = new PayloadWriter().u32(0).u32(id);
    write(out, request);
    byte[] bytes = out.toBytes();
    int length = bytes.length - 4;
    if (length > FileRequest.MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException("a request of " + length + " bytes");
    }
    ByteBuffer.wrap(bytes).putInt(0, length);
    return bytes;
  }

  private static void write(PayloadWriter out, FileRequest request) {
    switch (request) {
      case FileRequest.Open(int handle, Name name, int flags, int mode) ->
          name(out.u8(1).u32(handle), name).u32(flags).u32(mode);
      case FileRequest.Close(int handle) -> out.u8(2).u32(handle);
      case FileRequest.Read(int handle, long offset, int count) ->
          out.u8(3).u32(handle).u64(offset).u32(count);
      case FileRequest.Write(int handle, long offset, ByteBuffer bytes) ->
          out.u8(4).u32(handle).u64(offset).raw(bytes);
      case FileRequest.Copy(int from, long fromOffset, int to, long toOffset, int count) ->
          out.u8(5).u32(from).u64(fromOffset).u32(to).u64(toOffset).u32(count);
      case FileRequest.List(int handle) -> out.u8(6).u32(handle);
      case FileRequest.Stat(Name name, int flags) -> name(out.u8(7), name).u32(flags);
      case FileRequest.Set(Name name, int flags, FileRequest.Changes changes) ->
          changes(name(out.u8(8), name).u32(flags), changes);
      case FileRequest.MakeDirectory(Name name, int mode) -> name(out.u8(9), name).u32(mode);
      case FileRequest.Link(Name existing, Name link) -> name(name(out.u8(10), existing), link);
      case FileRequest.SymbolicLink(String target, Name link) ->
          name(out.u8(11).string(target), link);
      case FileRequest.ReadSymbolicLink(Name link) -> name(out.u8(12), link);
      case FileRequest.Remove(Name name, int what) -> name(out.u8(13), name).u32(what);
      case FileRequest.Rename(Name from, Name to, boolean mayReplace) ->
          name(name(out.u8(14), from), to).u32(mayReplace ? 0 : 1);
      case FileRequest.Access(Name name, int mode) -> name(out.u8(15), name).u32(mode);
      case FileRequest.RealPath(Name name) -> name(out.u8(16), name);
      case FileRequest.Space(Name name) -> name(out.u8(17), name);
      case FileRequest.Walk(int handle, int flags) -> out.u8(18).u32(handle).u32(flags);
      case FileRequest.Put(
              Name name,
              boolean replace,
              FileRequest.Changes changes,
              ByteBuffer bytes) ->
          changes(name(out.u8(19), name).u32(replace ? 1 : 0), changes).raw(bytes);
    }
  }

  private static PayloadWriter name(PayloadWriter out, Name name) {
    return out.u32(name.directory()).string(name.path());
  }

  private static PayloadWriter changes(PayloadWriter out, FileRequest.Changes changes) {
    out.u32(changes.mask()).u32(changes.mode()).u32(changes.uid()).u32(changes.gid());
    out.u64(changes.size());
    for (Time time : List.of(changes.accessed(), changes.modified())) {
      out.u64(time.seconds()).u32(time.nanos());
    }
    return out;
  }

  /// Takes the answer out of a message, from behind its length and its id to its end. Data stays
  /// where it is.
  ///
  /// @throws ProtocolException if it is malformed
  static FileReply decodeReply(ByteBuffer message) throws ProtocolException {
    PayloadReader in = new PayloadReader(message);
    int type = in.u8();
    FileReply reply =
        switch (type) {
          case 0x80 -> new FileReply.Failed(in.smallU32("errno"));
          case 0x81 -> new FileReply.Done(in.count("value"));
          case 0x82 -> new FileReply.Data(in.rest());
          case 0x83 -> attributes(in);
          case 0x84 -> entries(in);
          case 0x85 -> new FileReply.Target(in.string());
          case 0x86 ->
              new FileReply.SpaceOf(
                  in.count("block size"),
                  in.count("blocks"),
                  in.count("free blocks"),
                  in.count("available blocks"),
                  in.flag("read-only"),
                  (int) in.u32());
          case 0x87 -> walked(in);
          default -> throw new ProtocolException("a file reply of type " + type);
        };
    in.end();
    return reply;
  }

  private static FileReply.Attributes attributes(PayloadReader in) throws ProtocolException {
    int kind = in.u8();
    if (kind >= KINDS.length) {
      throw new ProtocolException("a file of kind " + kind);
    }
    long mode = in.u32();
    if (mode > 07777) {
      throw new ProtocolException("a file with mode " + Long.toOctalString(mode));
    }
    return new FileReply.Attributes(
        KINDS[kind],
        (int) mode,
        (int) in.u32(),
        (int) in.u32(),
        in.count("size"),
        in.u64(),
        in.u64(),
        in.u64(),
        in.u64(),
        time(in),
        time(in),
        time(in));
  }

  private static Time time(PayloadReader in) throws ProtocolException {
    long seconds = in.u64();
    long nanos = in.u32();
    if (nanos > MAX_NANOS) {
      throw new ProtocolException("a time with " + nanos + " ns");
    }
    return new Time(seconds, (int) nanos);
  }

  private static FileReply.Entries entries(PayloadReader in) throws ProtocolException {
    boolean last = in.flag("last");
    long count = in.u32();
    List<FileReply.Entry> entries = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      entries.add(new FileReply.Entry(in.string(), attributes(in)));
    }
    return new FileReply.Entries(last, entries);
  }

  private static FileReply.Walked walked(PayloadReader in) throws ProtocolException {
    boolean last = in.flag("last");
    List<WalkRecord> records = new ArrayList<>();
    while (in.hasMore()) {
      int type = in.u8();
      records.add(
          switch (type) {
            case 1 -> new WalkRecord.Entry(in.string(), attributes(in));
            case 2 -> new WalkRecord.End(in.smallU32("errno"), in.count("size"));
            case 3 -> new WalkRecord.Content(in.count("offset"), in.slice());
            case 4 -> new WalkRecord.Target(in.string());
            case 5 -> new WalkRecord.Same();
            case 6 -> new WalkRecord.Kernels();
            case 7 -> new WalkRecord.Part(in.count("offset"), in.count("length"));
            default -> throw new ProtocolException("a record of type " + type);
          });
    }
    return new FileReply.Walked(last, records);
  }
}
