/// Sandboxes for Java programs: a process in a microVM, driven like any other [java.lang.Process].
module dev.msb.sdk {
  requires transitive dev.msb.files;
  requires dev.msb.image;
  requires dev.msb.posix;
  requires dev.msb.protocol;
  requires dev.msb.home;
  requires jdk.net;
  requires static transitive org.jspecify;

  exports dev.msb.sdk;
}
