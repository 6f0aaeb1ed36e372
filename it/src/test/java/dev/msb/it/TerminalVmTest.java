package dev.msb.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `msb exec -t`, `msb run -t` and `msb attach` as a person at a terminal sees them.
///
/// A shell is told the next line when it asks for it: what is typed while it changes the terminal's
/// mode, or when a signal's key flushes it, may be lost, as anywhere.
@Timeout(120)
class TerminalVmTest extends BoxTest {
  private static final String GUEST = "/ # ";

  @TempDir Path directory;
  private Tmux terminal;
  private String modeBefore = "";

  TerminalVmTest() throws IOException {}

  @BeforeEach
  void openTerminal() throws Exception {
    String program = Path.of(msb.command().command().getFirst()).toRealPath().toString();
    Map<String, String> environment = new HashMap<>();
    environment.put("MSB_HOME", msb.home().toString());
    environment.put("PATH", Path.of(program).getParent() + ":" + System.getenv("PATH"));
    terminal = new Tmux(directory, environment, 100, 30);
    modeBefore = mode();
  }

  @AfterEach
  void closeTerminal() throws Exception {
    terminal.close();
  }

  // Keys, screen, size.

  @Test
  @Tag("quick")
  void aShellInTheBoxIsDrivenLikeOneHere() throws Exception {
    enter("exec -it box -- sh");
    terminal.line("echo $((6 * 7)); tty; test -t 0 && test -t 1 && test -t 2 && echo a''ll");
    terminal.await("\r\n42\r\n/dev/pts/");
    terminal.await("\r\nall\r\n");
    terminal.await(GUEST);
    terminal.line("exit 3");
    ended(3);
  }

  @Test
  void theSizeIsOursFromTheStartAndFollows() throws Exception {
    enter("exec -t box -- sh");
    terminal.line("stty size");
    terminal.await("\r\n30 100\r\n");
    terminal.await(GUEST);
    terminal.resize(70, 20);
    // The size and the line go different ways, so either may come first.
    terminal.line("until stty size | grep -qx '20 70'; do sleep 0.05; done; echo re''sized");
    terminal.await("\r\nresized\r\n");
    terminal.await(GUEST);
    terminal.line("exit");
    ended(0);
  }

  @Test
  void controlKeysAreForTheProgramsInTheBox() throws Exception {
    enter("exec -t box -- sh");
    for (String[] key : new String[][] {{"C-c", "130"}, {"C-\\", "131"}}) {
      terminal.line("sh -c 'echo st''arted; exec sleep 1000'");
      terminal.await("\r\nstarted\r\n");
      terminal.press(key[0]);
      terminal.await(GUEST);
      terminal.line("echo status=$?");
      terminal.await("\r\nstatus=" + key[1] + "\r\n");
      terminal.await(GUEST);
    }
    terminal.line("sh -c 'echo st''arted; exec sleep 1000'");
    terminal.await("\r\nstarted\r\n");
    terminal.press("C-z");
    terminal.await("Stopped");
    terminal.await(GUEST);
    terminal.line("fg");
    terminal.await("exec sleep 1000"); // it says what goes on
    terminal.press("C-c");
    terminal.await(GUEST);
    terminal.line("echo status=$?");
    terminal.await("\r\nstatus=130\r\n");
    terminal.await(GUEST);
    terminal.press("C-d");
    ended(0);
  }

  @Test
  void fullScreenProgramsComeAndGo() throws Exception {
    enter("exec -t box -- sh");
    terminal.line("stty -a >/tmp/mode; seq 100 199 >/tmp/numbers");
    terminal.await(GUEST);
    terminal.line("vi /tmp/numbers");
    terminal.await("/tmp/numbers 1/100");
    assertThat(terminal.screen()).startsWith("100", "101").contains("128");
    terminal.type("G");
    terminal.await("100/100");
    assertThat(terminal.screen()).contains("199").doesNotContain("100");
    terminal.line(":q");
    terminal.await(GUEST);
    terminal.line("less /tmp/numbers");
    terminal.await("127\r\n");
    terminal.await("/tmp/numbers\033[m"); // it reads keys now
    terminal.type("q");
    terminal.await(GUEST);
    terminal.line("stty -a | cmp - /tmp/mode && echo as be''fore");
    terminal.await("\r\nas before\r\n");
    terminal.await(GUEST);
    terminal.line("exit");
    ended(0);
  }

  @Test
  void utf8AndColoursPassAsTheyAre() throws Exception {
    enter("exec -t box -- sh");
    terminal.line("printf '\\033[38;2;1;2;3m%s\\033[0m\\n' \"grün €😀\"");
    terminal.await("\033[38;2;1;2;3mgrün €😀\033[0m\r\n");
    terminal.await(GUEST);
    terminal.line("echo re''ady; read -r x; printf %s \"$x\" | od -An -tx1");
    terminal.await("\r\nready\r\n");
    terminal.line("ß€😀");
    terminal.await("c3 9f e2 82 ac f0 9f 98 80\r\n");
    terminal.await(GUEST);
    terminal.line("exit");
    ended(0);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "TERM=screen-256color msb exec -t box,            screen-256color none",
    "COLORTERM=truecolor TERM=xterm msb exec -t box,  xterm truecolor",
    "env -u TERM msb exec -t box,                     xterm none",
    "TERM= msb exec -t box,                           xterm none",
    "TERM=unknown msb exec -t box,                    xterm none",
    "msb exec -t -e TERM=vt100 box,                   vt100 none",
  })
  void theKindOfTerminalIsOurs(String command, String kind) throws Exception {
    terminal.line(command + " -- sh -c 'echo \"<$TERM ${COLORTERM:-none}>\"'");
    terminal.await("\r\n<" + kind + ">\r\n");
    terminal.await(Tmux.PROMPT);
  }

  // Our terminal is given back.

  @ParameterizedTest(name = "{0}")
  @CsvSource({"HUP, 129", "INT, 130", "QUIT, 131", "TERM, 143"})
  void aSignalEndsMsbAndHangsUpTheShell(String signal, int status) throws Exception {
    enter("exec -t box -- sh");
    String guest = guestPid();
    signal(signal, msbProcess());
    ended(status);
    assertThat(awaitInGuest("! kill -0 " + guest)).isZero();
  }

  @Test
  void userSignalsGoToTheProcess() throws Exception {
    start(
        "exec -t box -- sh -c 'trap \"exit 9\" USR1; echo st''arted; while :; do sleep 1000; done'");
    terminal.await("\r\nstarted\r\n");
    signal("USR1", msbProcess());
    ended(9);
  }

  @Test
  void aClosedWindowEndsTheProcess() throws Exception {
    enter("exec -t box -- sh");
    String guest = guestPid();
    ProcessHandle process = msbProcess();
    terminal.close();
    process.onExit().get();
    assertThat(awaitInGuest("! kill -0 " + guest)).isZero();
  }

  @Test
  void aLostVmOrSupervisorGivesTheTerminalBack() throws Exception {
    enterQuietly();
    msb.qemu().destroyForcibly();
    terminal.await("\r\nmsb: the VM is gone: QEMU was killed by signal 9\r\n");
    ended(125);
    msb.awaitNoProcess();
    enterQuietly();
    msb.supervisor().destroyForcibly();
    terminal.await("\r\nmsb: ");
    ended(125);
    msb.awaitNoProcess();
    msb.run("start", "box").ok();
  }

  @Test
  void aCommandThatCannotStartLeavesTheTerminalAlone() throws Exception {
    start("exec -t box -- /no/such/program");
    ended(127);
  }

  @Test
  void msbIsStoppedAndContinuedFromOutside() throws Exception {
    enter("exec -t box -- sh");
    terminal.line("value=42; echo re''ady; read line"); // it reads without a prompt
    terminal.await("\r\nready\r\n");
    signal("TSTP", msbProcess());
    terminal.await("ended=148.");
    terminal.await(Tmux.PROMPT);
    assertThat(mode()).isEqualTo(modeBefore);
    terminal.resize(60, 15);
    terminal.line("fg; echo \"ended=$?.\"");
    terminal.await("msb exec -t box -- sh\r\n"); // the shell says what it continues
    until(this::isRaw);
    terminal.line("line");
    terminal.await(GUEST);
    terminal.line("until stty size | grep -qx '15 60'; do sleep 0.05; done; echo value=$value");
    terminal.await("\r\nvalue=42\r\n");
    terminal.await(GUEST);
    terminal.line("exit");
    ended(0);
  }

  @Test
  void whateverSomebodyDidToTheTerminalMeanwhileIsUndone() throws Exception {
    start("exec -t box -- cat -v");
    until(this::isRaw);
    signal("STOP", msbProcess()); // nobody can put the terminal in order before that
    terminal.await(Tmux.PROMPT);
    terminal.type("stty sane");
    terminal.press("C-j");
    terminal.await(Tmux.PROMPT);
    terminal.line("fg; echo \"ended=$?.\"");
    until(this::isRaw);
    terminal.press("C-c");
    ended(130);
  }

  // Leaving and coming back.

  @Test
  void theDetachKeysLeaveAShellThatAttachComesBackTo() throws Exception {
    enter("exec -it box -- sh");
    terminal.line("value=42");
    terminal.await(GUEST);
    terminal.press("C-p", "C-q");
    String id = left();
    assertThat(msb.run("exec", "ls", "box").ok().stdout())
        .containsPattern(id + " +\\d+ +detached .*sh");
    terminal.resize(70, 20);
    start("attach box");
    terminal.await(GUEST); // drawn anew
    terminal.line("until stty size | grep -qx '20 70'; do sleep 0.05; done; echo value=$value");
    terminal.await("\r\nvalue=42\r\n");
    terminal.await(GUEST);
    terminal.press("C-p", "C-q");
    assertThat(left()).isEqualTo(id);
    start("attach " + id.replace('/', ' '));
    terminal.await(GUEST);
    terminal.line("exit 5");
    ended(5);
  }

  @Test
  void attachHasTheScreenDrawnAnew() throws Exception {
    enter("exec -t box -- sh");
    terminal.line("seq 100 199 >/tmp/numbers; vi /tmp/numbers");
    terminal.await("/tmp/numbers 1/100");
    terminal.press("C-p", "C-q");
    left();
    terminal.line("clear");
    terminal.await(Tmux.PROMPT);
    assertThat(terminal.screen()).doesNotContain("101");
    start("attach box");
    terminal.await("/tmp/numbers 1/100");
    assertThat(terminal.screen()).contains("100", "101", "128");
    terminal.line(":q");
    terminal.await(GUEST);
    terminal.line("exit");
    ended(0);
  }

  /// The person gets each byte once, the next time what came meanwhile.
  @Test
  void whatIsWrittenMeanwhileIsKept() throws Exception {
    start("exec -t box -- sh -c 'echo st''arted; read x; echo me''anwhile; read y; echo $x$y'");
    terminal.await("\r\nstarted\r\n");
    terminal.type("one");
    terminal.await("one");
    terminal.press("C-p", "C-q");
    String id = left();
    start("attach " + id);
    until(this::isRaw);
    terminal.press("Enter");
    String before = terminal.await("\r\nmeanwhile\r\n");
    assertThat(before).doesNotContain("started");
    terminal.line("two");
    terminal.await("\r\nonetwo\r\n");
    ended(0);
  }

  @Test
  void keysThatAreNotAllOfThemAreTyped() throws Exception {
    start("exec -t box -- sh -c 'stty -icanon -echo; echo st''arted; exec od -An -tx1 -v -w1'");
    terminal.await("\r\nstarted\r\n");
    terminal.press("C-p", "a", "C-p", "C-p", "C-q");
    left();
    start("attach box");
    terminal.await(" 10\r\n 61\r\n 10\r\n");
    terminal.press("C-p"); // goes after a while, although nothing follows
    terminal.await(" 10\r\n");
    terminal.press("C-c");
    ended(130);
  }

  @Test
  void theDetachKeysAreAPersonsChoice() throws Exception {
    start(
        "exec -t --detach-keys '' box -- sh -c 'stty -icanon -ixon -echo; echo o''n; exec od -An -tx1 -w1'");
    terminal.await("\r\non\r\n");
    terminal.press("C-p", "C-q");
    terminal.await(" 10\r\n 11\r\n");
    terminal.press("C-c");
    ended(130);
    terminal.line("export MSB_DETACH_KEYS=ctrl-a,d");
    terminal.await(Tmux.PROMPT);
    enter("exec -t box -- sh");
    terminal.press("C-a", "d");
    left();
    start("attach --detach-keys DEL,ctrl-@ box");
    terminal.await(GUEST);
    terminal.press("BSpace", "C-@");
    left();
    start("attach box");
    terminal.await(GUEST);
    terminal.line("exit");
    ended(0);
  }

  @Test
  void whoIsAskedWhichOneIsTold() throws Exception {
    assertThat(msb.run("attach", "box"))
        .isEqualTo(
            new Msb.Result(
                125,
                "",
                "msb: no exec of sandbox \"box\" waits for somebody: msb exec ls box shows them\n"));
    String one = msb.run("exec", "-dt", "box", "--", "sh").ok().stdout().strip();
    String two = msb.run("exec", "-dt", "box", "--", "sh").ok().stdout().strip();
    assertThat(msb.run("attach", "box").stderr())
        .matches(
            "msb: which one[?] "
                + two
                + " [(]sh, \\d+s[)], "
                + one
                + " [(]sh, \\d+s[)] wait for somebody\n");
    for (String id : new String[] {one, two}) {
      start("attach " + id);
      terminal.await(GUEST);
      terminal.line("stty size; exit 4");
      terminal.await("\r\n30 100\r\n");
      ended(4);
    }
  }

  @Test
  void whatMsbRunLeftEndsItsSandboxWithIt() throws Exception {
    enter("run -it busybox");
    terminal.line("value=42");
    terminal.await(GUEST);
    terminal.press("C-p", "C-q");
    String id = left();
    String name = id.substring(0, id.indexOf('/'));
    assertThat(msb.run("ls", "-q").ok().stdout().lines()).containsExactlyInAnyOrder("box", name);
    start("attach " + name);
    terminal.await(GUEST);
    terminal.line("echo value=$value; exit 6");
    terminal.await("\r\nvalue=42\r\n");
    ended(6);
    until(() -> msb.run("ls", "-q").ok().stdout().equals("box\n"));
  }

  // Where a terminal ends.

  @Test
  void aRedirectedStdoutGetsNoCarriageReturns() throws Exception {
    String script =
        "test -t 0 && test -t 2 && test ! -t 1 && echo as he''re >&2; echo a; echo b; read x; echo $x";
    start("exec -t box -- sh -c '" + script + "' >out");
    terminal.await("\r\nas here\r\n");
    terminal.line("typed");
    terminal.await("typed\r\n");
    ended(0);
    assertThat(Files.readAllBytes(directory.resolve("out")))
        .isEqualTo("a\nb\ntyped\n".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {">out 2>err", ">out 2>&1"})
  void withoutAScreenThereIsNoTerminal(String redirection) throws Exception {
    start("exec -t box -- sh -c 'test -t 0 || echo pipe; read x; echo $x' " + redirection);
    terminal.line("typed");
    ended(0);
    assertThat(Files.readString(directory.resolve("out"))).isEqualTo("pipe\ntyped\n");
  }

  @Test
  void aReaderOfStdoutThatGoesBreaksThePipeInTheBox() throws Exception {
    terminal.line("msb exec -t box -- sh -c 'yes; echo yes=$? >&2' | head -n 1");
    terminal.await("\r\ny\r\n"); // a whole line, although our terminal is ours
    terminal.await("yes=141\r");
    terminal.await(Tmux.PROMPT);
    assertThat(mode()).isEqualTo(modeBefore);
  }

  @Test
  void theStatusDescriptorTellsOfLeaving() throws Exception {
    start("exec -t --status-fd 3 box -- sh 3>status");
    terminal.await(GUEST);
    terminal.press("C-p", "C-q");
    String id = left();
    assertThat(Files.readString(directory.resolve("status")))
        .containsPattern("\\{\"event\":\"started\",\"exec\":\"" + id + "\",\"pid\":\\d+}\n")
        .endsWith("{\"event\":\"detached\",\"exec\":\"" + id + "\"}\n");
    assertThat(msb.run("exec", "kill", id, "-s", "KILL").status()).isZero();
  }

  // What the tests do again and again.

  /// Has the shell run msb, and tell its process and its end.
  private void start(String arguments) throws Exception {
    terminal.line("sh -c 'echo $$ >pid; exec \"$@\"' - msb " + arguments + "; echo \"ended=$?.\"");
  }

  /// The same, with a shell as the command, until that wants to be told something.
  private void enter(String arguments) throws Exception {
    start(arguments);
    terminal.await(GUEST);
  }

  /// Runs a program that asks the terminal for nothing. A shell asks with each prompt where the
  /// cursor is; if msb ends before the answer comes, the shell of the host reads it.
  private void enterQuietly() throws Exception {
    start("exec -t box -- cat");
    until(this::isRaw);
    terminal.line("typed");
    terminal.await("typed\r\ntyped\r\n");
  }

  private ProcessHandle msbProcess() throws Exception {
    return ProcessHandle.of(Long.parseLong(Files.readString(directory.resolve("pid")).strip()))
        .orElseThrow();
  }

  private String guestPid() throws Exception {
    terminal.line("echo pid=$$.");
    terminal.await("\r\npid=");
    return terminal.await(".\r\n");
  }

  /// Waits for msb's end; the terminal must be as it was before.
  private void ended(int status) throws Exception {
    terminal.await("ended=" + status + ".\r\n");
    terminal.await(Tmux.PROMPT);
    assertThat(mode()).isEqualTo(modeBefore);
  }

  /// Waits until msb has said that it left an exec running, and which.
  private String left() throws Exception {
    terminal.await("\r\nmsb: left ");
    String id = terminal.await(" running; msb attach ");
    terminal.await(id + " comes back to it\r\n");
    ended(0);
    return id;
  }

  /// How our terminal is set, without its size.
  private String mode() throws Exception {
    return new String(stty(), StandardCharsets.UTF_8).replaceFirst("rows.*", "");
  }

  private boolean isRaw() throws Exception {
    return new String(stty(), StandardCharsets.UTF_8).contains("-icanon");
  }

  private byte[] stty() throws Exception {
    Process stty = new ProcessBuilder("stty", "-a", "-F", terminal.show("#{pane_tty}")).start();
    return Msb.finish(stty).ok().stdout().getBytes(StandardCharsets.UTF_8);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  /// Waits for what nobody tells of.
  private static void until(Condition condition) throws Exception {
    while (!condition.holds()) {
      Thread.sleep(20);
    }
  }
}
