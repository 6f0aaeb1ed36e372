package dev.msb.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxImageTest {
  @ParameterizedTest
  @CsvSource({
    "SIGQUIT, 3",
    "QUIT, 3",
    "sigquit, 3",
    "3, 3",
    "SIGRTMIN, 34",
    "RTMIN+3, 37",
    "SIGRTMAX, 64",
    "RTMAX-14, 50",
    "SIGTERM, 0",
    "15, 0",
    "'', 0",
    "SIGNOTHING, 0",
    "0, 0",
    "65, 0",
    "-1, 0",
    "RTMIN+99, 0",
    "RTMAX-99, 0",
    "RTMINX, 0",
  })
  void theStopSignalInAllItsForms(String text, int number) {
    SandboxImage image = new SandboxImage("a", "", List.of(), List.of(), text, List.of());
    assertThat(image.stopSignalNumber()).isEqualTo(number);
  }
}
