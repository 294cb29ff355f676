package io.penstock.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ServiceConfig;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import io.penstock.transport.tls.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Real servers behind an engine, each an upstream and a service of its name. */
final class Origins implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<HttpServer> servers = new ArrayList<>();

    /** The configuration with an origin that says its name. */
    ProxyConfig with(ProxyConfig config, String name) {
        return with(config, name, exchange -> answer(exchange, 200, name.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** The configuration with an origin of this behaviour. */
    ProxyConfig with(ProxyConfig config, String name, HttpHandler handler) {
        return config.with(UpstreamConfig.named(name)
                        .targets(TargetConfig.of(serve(handler)))
                        .build())
                .with(ServiceConfig.named(name, name).build());
    }

    /** Starts a server. @return its address and port */
    String serve(HttpHandler handler) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", handler);
            server.setExecutor(threads);
            server.start();
            servers.add(server);
            return "127.0.0.1:" + server.getAddress().getPort();
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** Starts a server that speaks TLS. @return its port */
    int serveTls(HttpHandler handler, TestCertificates.Pair pair, Optional<X509Certificate> clients) {
        try {
            HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            SSLContext context = TlsEndpoint.context(pair, clients);
            server.setHttpsConfigurator(new HttpsConfigurator(context) {
                @Override
                public void configure(HttpsParameters parameters) {
                    SSLParameters wanted = context.getDefaultSSLParameters();
                    wanted.setNeedClientAuth(clients.isPresent());
                    parameters.setSSLParameters(wanted);
                }
            });
            server.createContext("/", handler);
            server.setExecutor(threads);
            server.start();
            servers.add(server);
            return server.getAddress().getPort();
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        } catch (GeneralSecurityException refused) {
            throw new IllegalStateException(refused);
        }
    }

    /** Reads the request and answers. */
    static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
        threads.shutdownNow();
    }
}
