/// From the name of an OCI image to a root disk.
module dev.msb.image {
  requires com.fasterxml.jackson.core;
  requires dev.msb.archive;
  requires dev.msb.protocol;
  requires java.net.http;
  requires static transitive org.jspecify;

  exports dev.msb.image;
}
