/// The program `msb`, and the list of its commands.
@NullMarked
package dev.msb.cli;

import org.jspecify.annotations.NullMarked;
