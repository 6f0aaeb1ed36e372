/// From the name of an OCI image to a root disk.
module dev.msb.image {
  requires com.fasterxml.jackson.core;
  requires com.github.luben.zstd_jni;
  requires dev.msb.protocol;
  requires java.net.http;
  requires org.tukaani.xz;
  requires static transitive org.jspecify;

  exports dev.msb.image;
}
