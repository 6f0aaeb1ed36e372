/// OCI images: registries, archives, layers, and the root disks made from them.
@NullMarked
package dev.msb.image;

import org.jspecify.annotations.NullMarked;
