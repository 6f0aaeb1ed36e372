package dev.msb.sdk;

/// The size of a terminal, in characters.
///
/// @param rows its height, 0 to 65,535
/// @param columns its width, 0 to 65,535
public record TerminalSize(int rows, int columns) {
  /// Checks the numbers.
  ///
  /// @throws IllegalArgumentException if one is out of range
  public TerminalSize {
    if (rows < 0 || rows > 65_535 || columns < 0 || columns > 65_535) {
      throw new IllegalArgumentException("terminal of " + rows + " by " + columns);
    }
  }
}
