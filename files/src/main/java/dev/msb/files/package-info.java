/// The files of a guest, from outside. [dev.msb.files.GuestFiles] is where to start.
@NullMarked
package dev.msb.files;

import org.jspecify.annotations.NullMarked;
