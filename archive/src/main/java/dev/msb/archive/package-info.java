/// Archives of files: tars and their compression, and squashfs.
@NullMarked
package dev.msb.archive;

import org.jspecify.annotations.NullMarked;
