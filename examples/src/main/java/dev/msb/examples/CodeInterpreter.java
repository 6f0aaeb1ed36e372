package dev.msb.examples;

import dev.msb.files.GuestFiles;
import dev.msb.sdk.ExecResult;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import java.io.IOException;
import java.time.Duration;

/// Runs code that nobody has read: a file goes in, the code runs with a time limit, what it printed
/// and a file that it made come out.
public final class CodeInterpreter {
  private static final String CODE =
      """
      import csv
      rows = list(csv.DictReader(open("/work/data.csv")))
      total = sum(int(row["amount"]) for row in rows)
      print(f"{len(rows)} rows, {total} in all")
      open("/work/report.txt", "w").write("total=%d\\n" % total)
      """;

  private CodeInterpreter() {}

  /// Runs it. The words: the image.
  public static void main(String[] args) throws IOException, InterruptedException {
    String image = args.length > 0 ? args[0] : "python:3.12";
    try (Sandbox box =
            Sandbox.builder("interpreter")
                .image(image)
                .memory(MemorySize.mebibytes(512))
                .replace()
                .create();
        GuestFiles files = box.files()) {
      files.makeDirectories("/work");
      files.writeString("/work/data.csv", "name,amount\nred,17\ngreen,25\n");
      ExecResult good = run(box, CODE).orThrow();
      System.out.print("printed: " + good.stdout());
      System.out.print("report: " + files.readString("/work/report.txt"));

      ExecResult bad = run(box, "1/0");
      System.out.println(
          "a mistake: " + bad.exitValue() + ", " + bad.stderr().lines().toList().getLast());

      ExecResult endless = run(box, "while True: pass");
      System.out.println("an endless loop: " + endless.status());
    }
  }

  private static ExecResult run(Sandbox box, String code) throws IOException, InterruptedException {
    return box.process("python3", "-").input(code).timeout(Duration.ofSeconds(10)).exec();
  }
}
