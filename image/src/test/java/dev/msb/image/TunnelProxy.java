package dev.msb.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A web proxy that makes tunnels, all to one place whatever host is asked for: so a server on this
/// host can be reached under any name.
final class TunnelProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final int targetPort;

  TunnelProxy(String target) throws IOException {
    targetPort = Integer.parseInt(target.substring(target.indexOf(':') + 1));
    threads.execute(this::accept);
  }

  String host() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /// The first lines of the requests.
  List<String> asked() {
    return asked;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        sockets.add(client);
        threads.execute(() -> tunnel(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void tunnel(Socket client) {
    try (client;
        Socket target = new Socket(InetAddress.ofLiteral("127.0.0.1"), targetPort)) {
      sockets.add(target);
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int c = client.getInputStream().read();
        if (c < 0) {
          return;
        }
        head.append((char) c);
      }
      asked.add(head.substring(0, head.indexOf("\r\n")));
      client.getOutputStream().write(TestImage.bytes("HTTP/1.1 200 OK\r\n\r\n"));
      threads.execute(() -> copy(client, target));
      copy(target, client);
    } catch (IOException e) {
      // one of the two has gone
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
    } catch (IOException e) {
      // one of the two has gone
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.close();
  }
}
