/// System calls by their own names.
@NullMarked
package dev.msb.posix;

import org.jspecify.annotations.NullMarked;
