package dev.msb.examples;

import dev.msb.sdk.MemorySize;
import dev.msb.sdk.Sandbox;
import dev.msb.sdk.SandboxProcess;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.lsp4j.ClientCapabilities;
import org.eclipse.lsp4j.DidOpenTextDocumentParams;
import org.eclipse.lsp4j.InitializeParams;
import org.eclipse.lsp4j.InitializedParams;
import org.eclipse.lsp4j.MessageActionItem;
import org.eclipse.lsp4j.MessageParams;
import org.eclipse.lsp4j.PublishDiagnosticsParams;
import org.eclipse.lsp4j.ShowMessageRequestParams;
import org.eclipse.lsp4j.TextDocumentItem;
import org.eclipse.lsp4j.jsonrpc.Launcher;
import org.eclipse.lsp4j.launch.LSPLauncher;
import org.eclipse.lsp4j.services.LanguageClient;

/// A language server in a sandbox, driven by LSP4J through the streams of its process.
public final class LanguageServer {
  private LanguageServer() {}

  /// Runs it. The words: the image, then the command of a language server for JSON.
  public static void main(String[] args) throws Exception {
    try (Sandbox box =
            Sandbox.builder("language-server")
                .image(args[0])
                .memory(MemorySize.gibibytes(1))
                .replace()
                .create();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        SandboxProcess process = box.process(List.of(args).subList(1, args.length)).start()) {
      Client client = new Client();
      Launcher<org.eclipse.lsp4j.services.LanguageServer> launcher =
          LSPLauncher.createClientLauncher(
              client, process.getInputStream(), process.getOutputStream(), threads, next -> next);
      Future<Void> listening = launcher.startListening();
      var server = launcher.getRemoteProxy();

      InitializeParams hello = new InitializeParams();
      hello.setCapabilities(new ClientCapabilities());
      var abilities = server.initialize(hello).get().getCapabilities();
      System.out.println("hovers: " + abilities.getHoverProvider().getLeft());
      server.initialized(new InitializedParams());
      TextDocumentItem text = new TextDocumentItem("file:///a.json", "json", 1, "{\"a\": 1,, }");
      server.getTextDocumentService().didOpen(new DidOpenTextDocumentParams(text));
      var mistake = client.published.get().getDiagnostics().getFirst();
      System.out.println(
          "line "
              + mistake.getRange().getStart().getLine()
              + ", column "
              + mistake.getRange().getStart().getCharacter()
              + ": "
              + mistake.getMessage().getLeft());

      server.shutdown().get();
      server.exit();
      System.out.println("the server ended with " + process.waitFor());
      listening.get();
    }
  }

  private static final class Client implements LanguageClient {
    private final CompletableFuture<PublishDiagnosticsParams> published = new CompletableFuture<>();

    @Override
    public void publishDiagnostics(PublishDiagnosticsParams diagnostics) {
      published.complete(diagnostics);
    }

    @Override
    public void telemetryEvent(Object event) {}

    @Override
    public void showMessage(MessageParams message) {}

    @Override
    public CompletableFuture<MessageActionItem> showMessageRequest(
        ShowMessageRequestParams request) {
      return CompletableFuture.completedFuture(new MessageActionItem("none"));
    }

    @Override
    public void logMessage(MessageParams message) {}
  }
}
