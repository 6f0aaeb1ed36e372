/// The relay between one agent and many clients.
@NullMarked
package dev.msb.relay;

import org.jspecify.annotations.NullMarked;
