/// Tests on a real VM: what a user of the command line sees.
@NullMarked
package dev.msb.it;

import org.jspecify.annotations.NullMarked;
