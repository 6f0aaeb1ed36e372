package dev.msb.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/// Users and groups by number, or by name as the guest's `/etc/passwd` and `/etc/group` have them.
final class GuestPrincipals extends UserPrincipalLookupService {
  private final FileClient client;

  GuestPrincipals(FileClient client) {
    this.client = client;
  }

  @Override
  public UserPrincipal lookupPrincipalByName(String name) throws IOException {
    return find(name, "/etc/passwd");
  }

  @Override
  public GroupPrincipal lookupPrincipalByGroupName(String group) throws IOException {
    return find(group, "/etc/group");
  }

  private GuestFileAttributes.Principal find(String name, String file) throws IOException {
    if (isNumber(name)) {
      return new GuestFileAttributes.Principal(Integer.parseUnsignedInt(name));
    }
    String text;
    try {
      text =
          new String(
              client.with(connection -> GuestInputStream.readAll(connection, file, file)),
              StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      text = "";
    }
    for (String line : text.lines().toList()) {
      String[] fields = line.split(":", -1);
      if (fields.length > 2 && fields[0].equals(name) && isNumber(fields[2])) {
        return new GuestFileAttributes.Principal(Integer.parseUnsignedInt(fields[2]));
      }
    }
    throw new UserPrincipalNotFoundException(name);
  }

  private static boolean isNumber(String text) {
    try {
      Integer.parseUnsignedInt(text);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
