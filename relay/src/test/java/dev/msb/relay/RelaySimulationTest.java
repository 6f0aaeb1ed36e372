package dev.msb.relay;

import org.junit.jupiter.api.Test;

/// Thousands of short lives of a sandbox, each made from a seed: see [Simulation].
///
/// `-Dmsb.seed=N` replays one, `-Dmsb.seeds=N` sets how many there are.
class RelaySimulationTest {
  private static final int SEEDS = 2000;

  @Test
  void whateverTheOrderOfThingsEveryByteArrivesAndEveryExecEndsOnce() {
    Long only = Long.getLong("msb.seed");
    if (only != null) {
      Simulation.run(only);
      return;
    }
    int seeds = Integer.getInteger("msb.seeds", SEEDS);
    for (long seed = 1; seed <= seeds; seed++) {
      Simulation.run(seed);
    }
  }
}
