/// The commands, a class each, and what only commands share.
@NullMarked
package dev.msb.cli.commands;

import org.jspecify.annotations.NullMarked;
