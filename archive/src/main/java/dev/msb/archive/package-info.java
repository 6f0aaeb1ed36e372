/// Tars and their compression, read and written.
@NullMarked
package dev.msb.archive;

import org.jspecify.annotations.NullMarked;
