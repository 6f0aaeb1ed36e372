/// One process per sandbox: starts QEMU, relays frames between clients and the agent, cleans up.
@NullMarked
package dev.msb.supervisor;

import org.jspecify.annotations.NullMarked;
