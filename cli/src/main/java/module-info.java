/// Words on a command line, turned into SDK calls and an exit status.
module dev.msb.cli {
  requires dev.msb.image;
  requires dev.msb.posix;
  requires dev.msb.protocol;
  requires dev.msb.sdk;
  requires dev.msb.home;
  requires org.snakeyaml.engine;
  requires static transitive org.jspecify;
}
