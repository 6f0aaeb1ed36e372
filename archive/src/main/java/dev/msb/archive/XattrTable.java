package dev.msb.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Writes the extended attributes of a squashfs: all sets one after the other, then where each is,
/// then where those places are.
final class XattrTable {
  private final Spool out;

  XattrTable(Spool out) {
    this.out = out;
  }

  private record Place(long reference, int count, int bytes) {}

  /// Writes these sets; their numbers are their places in the collection.
  ///
  /// @return where the table is
  long write(Collection<Xattrs> sets) throws IOException {
    MetadataWriter pairs = new MetadataWriter(out);
    List<Place> places = new ArrayList<>(sets.size());
    for (Xattrs set : sets) {
      long reference = pairs.reference();
      int bytes = 0;
      for (Xattrs.Attribute attribute : set.attributes()) {
        pairs.u16(attribute.space);
        pairs.u16(attribute.name.length);
        pairs.bytes(attribute.name);
        pairs.u32(attribute.value.length);
        pairs.bytes(attribute.value);
        bytes += 8 + attribute.name.length + attribute.value.length;
      }
      places.add(new Place(reference, set.attributes().size(), bytes));
    }
    pairs.finish();
    MetadataWriter table = new MetadataWriter(out);
    for (Place place : places) {
      table.u64(place.reference);
      table.u32(place.count);
      table.u32(place.bytes);
    }
    table.finish();
    long start = out.position();
    ByteBuffer head = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(pairs.start()).putInt(places.size()).putInt(0);
    out.write(head.array(), 0, head.capacity());
    table.writeIndex();
    return start;
  }
}
