package dev.msb.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the SDK's packages show to the world stands in `sdk/api.txt`, so that no change of it goes
/// unnoticed. `./build golden` writes it anew, after a change on purpose.
class ApiTest {
  private static final Path ROOT = Path.of(System.getProperty("msb.root", ".."));
  private static final Path LISTING = ROOT.resolve("sdk/api.txt");

  @Test
  void theListingIsThatOfTheClasses() throws Exception {
    List<String> listing = new ArrayList<>();
    for (String module : List.of("files", "sdk")) {
      for (Class<?> type : types(module)) {
        listing.add(type.toGenericString() + superTypes(type));
        listing.addAll(members(type));
        listing.add("");
      }
    }
    String text = String.join("\n", listing);
    if (Boolean.getBoolean("msb.golden")) {
      Files.writeString(LISTING, text);
    }
    assertThat(text).isEqualTo(Files.readString(LISTING));
  }

  private static List<Class<?>> types(String module) throws IOException {
    Path classes = ROOT.resolve(module).resolve("target/classes/dev/msb").resolve(module);
    try (Stream<Path> files = Files.list(classes)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
          .sorted()
          .map(name ->
              "dev.msb." + module + "." + name.substring(0, name.length() - ".class".length()))
          .<Class<?>>map(ApiTest::load)
          .filter(ApiTest::isShown)
          .toList();
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isShown(Class<?> type) {
    Class<?> outer = type.getDeclaringClass();
    return Modifier.isPublic(type.getModifiers()) && (outer == null || isShown(outer));
  }

  private static String superTypes(Class<?> type) {
    List<String> names = new ArrayList<>();
    if (type.getGenericSuperclass() != null && type.getSuperclass() != Object.class) {
      names.add(type.getGenericSuperclass().getTypeName());
    }
    Arrays.stream(type.getGenericInterfaces()).forEach(each -> names.add(each.getTypeName()));
    return names.isEmpty() ? "" : " <: " + String.join(", ", names);
  }

  private static List<String> members(Class<?> type) {
    List<String> members = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      add(members, field, field.getAnnotatedType().toString());
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      add(members, constructor, "new" + parameters(constructor));
    }
    for (Method method : type.getDeclaredMethods()) {
      if (!method.isSynthetic()) {
        String result = method.getAnnotatedReturnType().toString();
        add(members, method, result + parameters(method));
      }
    }
    return members.stream().sorted().toList();
  }

  private static String parameters(Executable executable) {
    String thrown =
        Arrays.stream(executable.getExceptionTypes())
            .map(Class::getName)
            .sorted()
            .collect(Collectors.joining(", "));
    return Arrays.stream(executable.getAnnotatedParameterTypes())
            .map(Object::toString)
            .collect(Collectors.joining(", ", " (", ")"))
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static <T extends Member & AnnotatedElement> void add(
      List<String> members, T member, String what) {
    int modifiers = member.getModifiers();
    if (Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers)) {
      String kept = Modifier.toString(modifiers & (Modifier.STATIC | Modifier.PROTECTED));
      String name = member instanceof Constructor ? "" : member.getName() + ": ";
      members.add("  " + name + (kept.isEmpty() ? "" : kept + " ") + what);
    }
  }
}
