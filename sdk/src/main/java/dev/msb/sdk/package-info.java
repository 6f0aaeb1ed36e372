/// Sandboxes, and processes in them. Begin with [dev.msb.sdk.Sandbox].
@NullMarked
package dev.msb.sdk;

import org.jspecify.annotations.NullMarked;
