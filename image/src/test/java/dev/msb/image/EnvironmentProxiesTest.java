package dev.msb.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {
  @ParameterizedTest
  @CsvSource({
    "https by its own, https://a.org/, '', secure:3128",
    "http by its own, http://a.org/, '', plain:80",
    "this host never, http://localhost:5000/, '', none",
    "this host's address never, https://127.1.2.3/, '', none",
    "this host in IPv6 never, https://[::1]:5000/, '', none",
    "all, https://a.org/, *, none",
    "the host itself, https://a.org/, a.org, none",
    "capitals, https://A.org/, a.ORG, none",
    "hosts below it, https://r.a.org/, a.org, none",
    "not those that only end so, https://ba.org/, a.org, secure:3128",
    "with a dot only those below, https://a.org/, .a.org, secure:3128",
    "with a star too, https://r.a.org/, *.a.org, none",
    "one of several, https://a.org/, 'b.org, a.org', none",
    "with its port, https://a.org:5000/, a.org:5000, none",
    "not another port, https://a.org/, a.org:5000, secure:3128",
    "the usual port, https://a.org/, a.org:443, none",
    "a network, https://10.1.2.3/, 10.0.0.0/8, none",
    "another network, https://11.1.2.3/, 10.0.0.0/8, secure:3128",
    "a network of odd length, https://10.1.2.3/, 10.1.2.2/31, none",
    "a network in IPv6, 'https://[fd00::1]/', fd00::/8, none",
    "nonsense, https://a.org/, '/,a/b,::/x', secure:3128",
  })
  void aProxyIsChosenAsGoDoes(String name, String address, String noProxy, String expected) {
    EnvironmentProxies proxies =
        new EnvironmentProxies(
            Map.of(
                "https_proxy", "secure:3128", "HTTP_PROXY", "http://plain", "NO_PROXY", noProxy));
    Proxy proxy = proxies.select(URI.create(address)).getFirst();
    String chosen =
        proxy.address() instanceof InetSocketAddress socket
            ? socket.getHostString() + ":" + socket.getPort()
            : "none";
    assertThat(chosen).isEqualTo(expected);
  }
}
