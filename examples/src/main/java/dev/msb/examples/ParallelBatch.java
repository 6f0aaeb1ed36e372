package dev.msb.examples;

import dev.msb.sdk.ExecResult;
import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Fifty tasks, each on a virtual thread of its own, share a few sandboxes: who wants to run
/// something takes one from the queue and puts it back.
public final class ParallelBatch {
  private static final int TASKS = 50;
  private static final int SANDBOXES = 2;

  private ParallelBatch() {}

  /// Runs it. The words: the image.
  public static void main(String[] args) throws Exception {
    String image = args.length > 0 ? args[0] : "busybox";
    List<Sandbox> made = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Sandbox>> making = new ArrayList<>();
      for (int i = 0; i < SANDBOXES; i++) {
        String name = "batch-" + i;
        making.add(
            threads.submit(() ->
                Sandbox.builder(name)
                    .image(image)
                    .memory(MemorySize.mebibytes(128))
                    .replace()
                    .create()));
      }
      for (Future<Sandbox> sandbox : making) {
        made.add(sandbox.get());
      }
      BlockingQueue<Sandbox> free = new ArrayBlockingQueue<>(SANDBOXES, true, made);
      List<Future<Integer>> tasks = new ArrayList<>();
      for (int i = 1; i <= TASKS; i++) {
        int number = i;
        tasks.add(threads.submit(() -> square(free, number)));
      }
      int sum = 0;
      for (Future<Integer> task : tasks) {
        sum += task.get();
      }
      System.out.println("the sum of the first " + TASKS + " squares is " + sum);
    } finally {
      for (Sandbox sandbox : made) {
        sandbox.close();
      }
    }
  }

  private static int square(BlockingQueue<Sandbox> free, int number) throws Exception {
    Sandbox sandbox = free.take();
    try {
      ExecResult result = sandbox.shell("echo $((" + number + " * " + number + "))").orThrow();
      return Integer.parseInt(result.stdout().strip());
    } finally {
      free.put(sandbox);
    }
  }
}
