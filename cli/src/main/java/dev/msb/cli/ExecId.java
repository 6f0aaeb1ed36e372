package dev.msb.cli;

/// An exec on the command line: `NAME/NUMBER`.
record ExecId(String sandbox, long number) {
  static ExecId parse(String text) throws UsageException {
    int slash = text.indexOf('/');
    if (slash > 0) {
      try {
        long number = Long.parseLong(text.substring(slash + 1));
        if (number > 0) {
          return new ExecId(text.substring(0, slash), number);
        }
      } catch (NumberFormatException e) {
        // said below
      }
    }
    throw new UsageException(
        "\"" + text + "\" is no exec: write NAME/NUMBER, as msb exec ls shows it");
  }
}
