package io.penstock.engine;

import io.penstock.http2.Http2Answers;
import io.penstock.http2.Http2Responder;
import io.penstock.http2.Http2Wire;
import io.penstock.transport.tls.TestCertificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A server of HTTP/1, and of HTTP/2 where it may choose that, behind the JDK's TLS; {@code /close} ends a connection of HTTP/1, {@code
 * /until-close} ends the body with it, and so does {@code /cut}, by TCP alone.
 */
final class TlsEndpoint implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;

    private final ServerSocket door;
    private final SSLContext context;
    private final boolean asksClients;
    private final String[] versions;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile String[] protocols = {};

    /**
     * Serves.
     *
     * @param clients who must have signed a client's certificate; empty to ask for none
     */
    TlsEndpoint(TestCertificates.Pair pair, Optional<X509Certificate> clients, String... versions)
            throws IOException, GeneralSecurityException {
        context = context(pair, clients);
        this.versions = versions.clone();
        asksClients = clients.isPresent();
        door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** How a server speaks TLS that shows a pair, and believes clients of an authority. */
    static SSLContext context(TestCertificates.Pair pair, Optional<X509Certificate> clients)
            throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("own", pair.key(), new char[0], pair.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, new char[0]);
        TrustManager[] believed = null;
        if (clients.isPresent()) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("clients", clients.get());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(trusted);
            believed = factory.getTrustManagers();
        }
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(own.getKeyManagers(), believed, null);
        return made;
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket accepted = door.accept();
                threads.execute(() -> serve(accepted));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket accepted) {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(accepted, null, true)) {
            socket.setUseClientMode(false);
            socket.setNeedClientAuth(asksClients);
            if (versions.length > 0) {
                socket.setEnabledProtocols(versions);
            }
            socket.setSoTimeout(TIMEOUT_MS);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            connections.incrementAndGet();
            if (socket.getApplicationProtocol().equals("h2")) {
                serveHttp2(socket);
                return;
            }
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            boolean goesOn = true;
            for (String line = in.readLine(); goesOn && line != null; line = goesOn ? in.readLine() : null) {
                boolean isCut = line.contains(" /cut ");
                boolean untilClose = isCut || line.contains(" /until-close ");
                goesOn = !untilClose && !line.contains(" /close ");
                for (String field = in.readLine(); field != null && !field.isEmpty(); ) {
                    field = in.readLine();
                }
                socket.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\n" + (untilClose ? "" : "Content-Length: 5\r\n")
                                        + (goesOn ? "" : "Connection: close\r\n") + "\r\nthere")
                                .getBytes(StandardCharsets.ISO_8859_1));
                socket.getOutputStream().flush();
                if (isCut) {
                    accepted.shutdownOutput();
                }
            }
        } catch (IOException broken) {
            // A client that does not believe this server goes away.
            return;
        }
    }

    private static void serveHttp2(SSLSocket socket) throws IOException {
        Http2Responder responder = (asked, id) -> new Http2Wire()
                .headers(
                        id,
                        false,
                        Http2Wire.block(":status", "200", "content-length", "5", "x-scheme", scheme(asked, id)))
                .data(id, "there", true);
        responder.serve(socket);
    }

    private static String scheme(Http2Answers asked, int id) {
        return asked.head(id).contains(":scheme: https\n") ? "https" : "http";
    }

    /** What it chooses from over connections to come (RFC 7301); of nothing it chooses nothing, and speaks HTTP/1. */
    void offers(String... offered) {
        protocols = offered;
    }

    int port() {
        return door.getLocalPort();
    }

    /** Handshakes that were done. */
    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        door.close();
        threads.shutdownNow();
    }
}
