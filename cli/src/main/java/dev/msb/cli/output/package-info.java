/// What msb writes: lines for people, tables, JSON, progress. Nothing in it commands a terminal.
@NullMarked
package dev.msb.cli.output;

import org.jspecify.annotations.NullMarked;
