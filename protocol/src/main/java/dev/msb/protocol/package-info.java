/// Frames of the msb protocol and the arithmetic of its streams.
@NullMarked
package dev.msb.protocol;

import org.jspecify.annotations.NullMarked;
