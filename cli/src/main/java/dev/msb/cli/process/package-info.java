/// Drives a process on behalf of msb's caller: pipes or a terminal, signals, and the status.
@NullMarked
package dev.msb.cli.process;

import org.jspecify.annotations.NullMarked;
