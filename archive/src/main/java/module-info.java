/// Archives of files: tars, which are read and written, and squashfs, which is written. Nothing
/// here knows of images, sandboxes or guests.
@SuppressWarnings("module") // those exported to are compiled later
module dev.msb.archive {
  requires com.github.luben.zstd_jni;
  requires dev.msb.protocol;
  requires org.tukaani.xz;
  requires static transitive org.jspecify;

  exports dev.msb.archive to
      dev.msb.files,
      dev.msb.image;
}
