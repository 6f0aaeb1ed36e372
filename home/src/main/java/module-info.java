/// The user's home of msb: the directories of sandboxes, their locks, settings, logs and events,
/// and the launch of their supervisors.
@SuppressWarnings("module") // those exported to are compiled later
module dev.msb.home {
  requires dev.msb.posix;
  requires transitive dev.msb.protocol;
  requires static transitive org.jspecify;

  exports dev.msb.home to
      dev.msb.supervisor,
      dev.msb.sdk;
}
