/// Small programs that use the SDK. Each takes the image as its first word, and has a default.
@NullMarked
package dev.msb.examples;

import org.jspecify.annotations.NullMarked;
