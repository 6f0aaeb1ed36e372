package dev.msb.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are believed.
final class Trust {
  private Trust() {}

  /// Believes the JDK's authorities, and those of a PEM file.
  ///
  /// @throws ImageException if the file cannot be read or has no certificate
  static SSLContext withAuthorities(Optional<Path> pem) throws ImageException {
    if (pem.isEmpty()) {
      return context(null);
    }
    Collection<? extends Certificate> more = read(pem.get());
    try {
      KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
      all.load(null, null);
      int count = 0;
      for (TrustManager manager : managers(null)) {
        if (manager instanceof X509TrustManager defaults) {
          for (X509Certificate certificate : defaults.getAcceptedIssuers()) {
            all.setCertificateEntry("jdk" + count++, certificate);
          }
        }
      }
      for (Certificate certificate : more) {
        all.setCertificateEntry("own" + count++, certificate);
      }
      return context(managers(all));
    } catch (GeneralSecurityException | IOException e) {
      throw new ImageException("cannot use the certificates of " + pem.get(), e);
    }
  }

  /// Believes everyone: for registries that a user calls insecure.
  static SSLContext withAnyone() throws ImageException {
    return context(new TrustManager[] {new Anyone()});
  }

  private static Collection<? extends Certificate> read(Path pem) throws ImageException {
    Collection<? extends Certificate> certificates;
    try (InputStream in = Files.newInputStream(pem)) {
      certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
    } catch (IOException e) {
      throw new ImageException(
          "cannot read the certificates in " + pem + ": " + AuthEntries.reason(e), e);
    } catch (GeneralSecurityException e) {
      throw new ImageException(pem + " does not hold certificates in PEM", e);
    }
    if (certificates.isEmpty()) {
      throw new ImageException(pem + " does not hold certificates in PEM");
    }
    return certificates;
  }

  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static SSLContext context(TrustManager @Nullable [] managers) throws ImageException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new ImageException("this Java cannot do TLS", e);
    }
  }

  /// Of the extended kind, because then the JDK leaves the check of the host's name to it, too.
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
