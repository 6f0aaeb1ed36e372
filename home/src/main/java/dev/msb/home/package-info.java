/// The home: sandboxes on disk, and the launch of their supervisors.
@NullMarked
package dev.msb.home;

import org.jspecify.annotations.NullMarked;
