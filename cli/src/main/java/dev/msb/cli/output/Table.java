package dev.msb.cli.output;

import dev.msb.sdk.GuestText;
import java.util.ArrayList;
import java.util.List;

/// Columns as wide as their widest cell. What is not printable in a cell is escaped.
public final class Table {
  private final List<String[]> rows = new ArrayList<>();

  public Table(String... headings) {
    rows.add(headings);
  }

  public void row(String... cells) {
    String[] shown = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      shown[i] = GuestText.line(cells[i]);
    }
    rows.add(shown);
  }

  public String text() {
    int[] widths = new int[rows.getFirst().length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        text.append(row[i]);
        if (i < row.length - 1) {
          text.append(" ".repeat(widths[i] - row[i].length() + 2));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }
}
