package dev.msb.sdk;

/// How a tree is copied between host and guest. The methods give changed copies.
///
/// @param followLinks what symbolic links point to is copied in their place; else they are copied
///   as links
/// @param keepOwners files keep the numbers of their user and group; else they belong to who makes
///   them. Takes root on the side where they are made
/// @param maxBytes most bytes of content in all
/// @param maxFiles most files, directories and links in all
/// @param listener hears of what is done
public record CopyOptions(
    boolean followLinks, boolean keepOwners, long maxBytes, long maxFiles, CopyListener listener) {

  /// Links stay links, owners are not kept, there is no limit, nobody listens.
  public static CopyOptions defaults() {
    return new CopyOptions(false, false, Long.MAX_VALUE, Long.MAX_VALUE, new CopyListener() {});
  }

  /// What symbolic links point to is copied in their place.
  public CopyOptions followingLinks() {
    return new CopyOptions(true, keepOwners, maxBytes, maxFiles, listener);
  }

  /// Files keep the numbers of their user and group.
  public CopyOptions keepingOwners() {
    return new CopyOptions(followLinks, true, maxBytes, maxFiles, listener);
  }

  /// The copy fails when it has copied this much, so that a guest that never comes to an end cannot
  /// fill the host's disk.
  public CopyOptions limitedTo(long bytes, long files) {
    return new CopyOptions(followLinks, keepOwners, bytes, files, listener);
  }

  /// Tells this listener what is done.
  public CopyOptions tellingTo(CopyListener newListener) {
    return new CopyOptions(followLinks, keepOwners, maxBytes, maxFiles, newListener);
  }
}
