package dev.msb.bench;

/// A line of the table: two things compared, and the bars for the ratio.
///
/// @param what what was done
/// @param ratio ours to theirs, as the bars count it
/// @param bar what is promised, and what would be beyond that, in words
/// @param ours what was measured of us
/// @param theirs what was measured of what we are compared with; empty for none
record Row(String what, String ratio, String bar, String ours, String theirs) {
  /// We take less time than they: how many times.
  static Row faster(String what, Series ours, Series theirs, String unit, String bar) {
    return of(what, theirs.median() / ours.median(), bar, ours.show(unit), theirs.show(unit));
  }

  /// What we take or do, by what they take or do.
  static Row ofTheirs(String what, Series ours, Series theirs, String unit, String bar) {
    return of(what, ours.median() / theirs.median(), bar, ours.show(unit), theirs.show(unit));
  }

  private static Row of(String what, double ratio, String bar, String ours, String theirs) {
    return new Row(what, Series.number(ratio), bar, ours, theirs);
  }

  @Override
  public String toString() {
    return "| " + String.join(" | ", what, ratio, bar, ours, theirs) + " |";
  }
}
