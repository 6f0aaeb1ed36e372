/// What is written on a command line, and what the help says of it: options, values, commands.
@NullMarked
package dev.msb.cli.words;

import org.jspecify.annotations.NullMarked;
