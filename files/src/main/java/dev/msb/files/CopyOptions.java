package dev.msb.files;

/// How a tree is copied between host and guest. The methods give changed copies.
///
/// @param followLinks what symbolic links point to is copied in their place; else they are copied
///   as links
/// @param keepOwners files keep the numbers of their user and group, and here their permissions as
///   they are; else they belong to who makes them, and the umask applies to what is made here.
///   Takes root on the side where they are made
/// @param sparseTar holes of files are holes in a tar, too, in GNU's format, which GNU tar, bsdtar,
///   Go and Python read; else they are zeros, which everybody reads
/// @param maxBytes most bytes of content in all; holes of files do not count, but those of a tar do
/// @param maxFiles most files, directories and links in all
/// @param listener hears of what is done
public record CopyOptions(
    boolean followLinks,
    boolean keepOwners,
    boolean sparseTar,
    long maxBytes,
    long maxFiles,
    CopyListener listener) {

  /// The most bytes of a copy that says nothing else: 64 GiB.
  public static final long DEFAULT_MAX_BYTES = 64L << 30;

  /// The most files, directories and links of a copy that says nothing else: ten million.
  public static final long DEFAULT_MAX_FILES = 10_000_000;

  /// Links stay links, owners are not kept, holes in a tar are zeros, there are the default limits,
  /// nobody listens.
  public static CopyOptions defaults() {
    return new CopyOptions(
        false, false, false, DEFAULT_MAX_BYTES, DEFAULT_MAX_FILES, new CopyListener() {});
  }

  /// What symbolic links point to is copied in their place.
  public CopyOptions followingLinks() {
    return new CopyOptions(true, keepOwners, sparseTar, maxBytes, maxFiles, listener);
  }

  /// Files keep the numbers of their user and group, and here their permissions whatever the umask.
  public CopyOptions keepingOwners() {
    return new CopyOptions(followLinks, true, sparseTar, maxBytes, maxFiles, listener);
  }

  /// Holes of files are holes in a tar.
  public CopyOptions withSparseTar() {
    return new CopyOptions(followLinks, keepOwners, true, maxBytes, maxFiles, listener);
  }

  /// The copy fails when it has copied this much, so that a guest that never comes to an end cannot
  /// fill the host's disk. Without this, the default limits hold.
  public CopyOptions limitedTo(long bytes, long files) {
    return new CopyOptions(followLinks, keepOwners, sparseTar, bytes, files, listener);
  }

  /// The copy has no limits: for guests that are trusted, and for copies into a guest.
  public CopyOptions unlimited() {
    return limitedTo(Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /// Tells this listener what is done.
  public CopyOptions tellingTo(CopyListener newListener) {
    return new CopyOptions(followLinks, keepOwners, sparseTar, maxBytes, maxFiles, newListener);
  }
}
