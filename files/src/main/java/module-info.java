/// The files of a guest: the client of the file protocol over any transport, and all that stands on
/// it, such as copies and a [java.nio.file.FileSystem]. The agent has the server.
module dev.msb.files {
  requires dev.msb.archive;
  requires dev.msb.posix;
  requires dev.msb.protocol;
  requires static transitive org.jspecify;

  exports dev.msb.files;
}
