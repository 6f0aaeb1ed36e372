/// Words on a command line, turned into SDK calls and an exit status.
module dev.msb.cli {
  requires dev.msb.posix;
  requires dev.msb.sdk;
  requires org.snakeyaml.engine;
  requires static transitive org.jspecify;
}
