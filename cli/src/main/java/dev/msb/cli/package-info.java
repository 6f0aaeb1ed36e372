/// The command line `msb`.
@NullMarked
package dev.msb.cli;

import org.jspecify.annotations.NullMarked;
