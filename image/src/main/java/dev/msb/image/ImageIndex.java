package dev.msb.image;

import dev.msb.protocol.OneLine;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// One name for several images, one for each platform. Read from an OCI image index or Docker's
/// manifest list.
///
/// @param mediaType the index's own format
/// @param manifests what it names, in its order; may also name what is no image
public record ImageIndex(String mediaType, List<Descriptor> manifests) implements ImageDocument {
  private static final int MOST_MANIFESTS = 1_000;
  private static final int MOST_SHOWN = 20;

  /// Copies the list.
  public ImageIndex {
    manifests = List.copyOf(manifests);
  }

  /// Reads an index.
  ///
  /// @throws ImageException as [ImageDocument#parse] does, and if it is a manifest
  public static ImageIndex parse(byte[] bytes) throws ImageException {
    if (ImageDocument.parse(bytes, "the index") instanceof ImageIndex index) {
      return index;
    }
    throw new ImageException("the index is a manifest");
  }

  static ImageIndex from(JsonObject json) throws ImageException {
    List<JsonObject> elements = json.objects("manifests");
    if (elements.size() > MOST_MANIFESTS) {
      throw new ImageException(
          json.what() + " names " + elements.size() + " manifests, more than " + MOST_MANIFESTS);
    }
    List<Descriptor> manifests = new ArrayList<>();
    for (JsonObject element : elements) {
      manifests.add(Descriptor.from(element));
    }
    String mediaType = json.string("mediaType").orElse(MediaTypes.OCI_INDEX);
    if (!MediaTypes.INDEXES.contains(mediaType)) {
      throw new ImageException(json.what() + " is no image, but " + OneLine.of(mediaType, 100));
    }
    return new ImageIndex(mediaType, manifests);
  }

  /// The manifest (or the index in it) for a platform: the one that fits best, the first of equals.
  /// One that says no platform is taken only if there is no other.
  ///
  /// @throws ImageException if none fits; the message names the platforms that there are
  public Descriptor select(Platform wanted) throws ImageException {
    Descriptor best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (Descriptor manifest : manifests) {
      int distance = manifest.platform().map(wanted::distanceTo).orElse(-1);
      if (distance >= 0 && distance < bestDistance && isImage(manifest)) {
        best = manifest;
        bestDistance = distance;
      }
    }
    if (best != null) {
      return best;
    }
    if (manifests.size() == 1
        && manifests.getFirst().platform().isEmpty()
        && isImage(manifests.getFirst())) {
      return manifests.getFirst();
    }
    throw new ImageException("there is no image for " + wanted + ", " + platforms());
  }

  private static boolean isImage(Descriptor manifest) {
    return MediaTypes.MANIFESTS.contains(manifest.mediaType())
        || MediaTypes.INDEXES.contains(manifest.mediaType());
  }

  private String platforms() {
    TreeSet<String> names = new TreeSet<>();
    for (Descriptor manifest : manifests) {
      // build tools put what they attest about an image beside it, as unknown/unknown
      manifest
          .platform()
          .filter(platform -> !platform.os().equals("unknown"))
          .ifPresent(platform -> names.add(OneLine.of(platform.toString(), 40)));
    }
    if (names.isEmpty()) {
      return "nor for any other platform";
    }
    String shown = "only for " + String.join(", ", names.stream().limit(MOST_SHOWN).toList());
    return names.size() > MOST_SHOWN ? shown + " and others" : shown;
  }
}
