/// The Linux system calls that the JDK lacks, through a small JNI library (`libmsb.so`).
///
/// The library is looked for in `java.library.path`, which covers the `lib` folder of a jlinked
/// image, or is the file that the system property `msb.native` names (an absolute path; unset by
/// default). The JVM needs `--enable-native-access=dev.msb.posix`, else it warns on stderr.
module dev.msb.posix {
  requires static transitive org.jspecify;

  exports dev.msb.posix;
}
