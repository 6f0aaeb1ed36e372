package dev.msb.archive;

/// An entry of a directory: an inode, or one more name of an inode.
abstract sealed class Name permits Inode, Name.HardLink {
  /// The layer that put the name there. A whiteout hides lower layers only.
  int layer;

  abstract Inode inode();

  /// A further name of an inode that is not a directory.
  static final class HardLink extends Name {
    private final Inode inode;

    HardLink(Inode inode) {
      this.inode = inode;
    }

    @Override
    Inode inode() {
      return inode;
    }
  }
}
