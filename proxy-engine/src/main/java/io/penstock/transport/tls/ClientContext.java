package io.penstock.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

/**
 * How TLS is spoken with the servers of one upstream, ready to begin handshakes of all workers: whom to believe, what to ask for, what
 * to show. It remembers sessions by server and port, so that later connections resume them. Made by the control thread.
 */
@SharedByWorkers
public final class ClientContext {
    private static final Cleaner CLEANER = Cleaner.create();

    private final SslContext context;
    private final Optional<String> serverName;
    private final String[] versions;
    private final List<String> protocols;
    private final SSLContext blocking;

    private ClientContext(
            SslContext context,
            Optional<String> serverName,
            String[] versions,
            List<String> protocols,
            SSLContext blocking) {
        this.context = context;
        this.serverName = serverName;
        this.versions = versions;
        this.protocols = List.copyOf(protocols);
        this.blocking = blocking;
    }

    /**
     * What is shown to a server that asks for a certificate.
     *
     * @param chain the certificate and those that signed it
     */
    public record Identity(PrivateKey key, List<X509Certificate> chain) {
        public Identity {
            chain = List.copyOf(chain);
        }
    }

    /**
     * Makes one.
     *
     * @param believed who is; those of the system if none
     * @param protocols what is offered to be spoken over it (RFC 7301), the preferred first; none for no offer
     * @param serverName what is asked for; a target's own host if empty
     * @param names one of which a certificate must hold; if none, the name that was asked for
     * @throws GeneralSecurityException if the authorities or the identity are not taken
     * @throws SSLException if the library does not take it
     */
    public static ClientContext of(
            TlsLibrary library,
            Believed believed,
            Optional<Identity> identity,
            TlsPolicyConfig policy,
            List<String> protocols,
            Optional<String> serverName,
            List<String> names)
            throws GeneralSecurityException, SSLException {
        PeerTrust trust = PeerTrust.in(believed, names);
        List<String> ciphers = new ArrayList<>(TlsPolicyConfig.CIPHERS_OF_1_3);
        ciphers.addAll(policy.ciphersOffered());
        String[] versions = ServerContext.versions(policy);
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(library == TlsLibrary.BORINGSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                .trustManager(trust)
                .protocols(versions)
                .ciphers(ciphers, SupportedCipherSuiteFilter.INSTANCE)
                // Names are checked by the trust, which lets no common name pass.
                .endpointIdentificationAlgorithm("")
                .applicationProtocolConfig(
                        protocols.isEmpty()
                                ? ApplicationProtocolConfig.DISABLED
                                : new ApplicationProtocolConfig(
                                        ApplicationProtocolConfig.Protocol.ALPN,
                                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                        protocols));
        if (identity.isPresent()) {
            builder.keyManager(identity.get().key(), identity.get().chain());
        }
        if (library == TlsLibrary.BORINGSSL) {
            // Its tasks would be run on the spot anyway.
            builder.option(OpenSslContextOption.USE_TASKS, false)
                    .option(OpenSslContextOption.GROUPS, policy.groupsOffered().toArray(String[]::new));
        }
        SslContext made = builder.build();
        ClientContext context = new ClientContext(made, serverName, versions, protocols, blocking(trust, identity));
        if (made instanceof ReferenceCountedOpenSslContext) {
            CLEANER.register(context, () -> ReferenceCountUtil.release(made));
        }
        return context;
    }

    private static SSLContext blocking(PeerTrust trust, Optional<Identity> identity) throws GeneralSecurityException {
        KeyManager[] keys = new KeyManager[0];
        if (identity.isPresent()) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            try {
                store.load(null, null);
            } catch (IOException failed) {
                throw new GeneralSecurityException("an empty key store could not be made", failed);
            }
            store.setKeyEntry(
                    "own",
                    identity.get().key(),
                    new char[0],
                    identity.get().chain().toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            keys = factory.getKeyManagers();
        }
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(keys, new TrustManager[] {trust}, null);
        return made;
    }

    /**
     * An engine that speaks first.
     *
     * @param host of the target, which is asked for unless another name is to be
     */
    SSLEngine newEngine(String host, int port) {
        try {
            return context.newEngine(ByteBufAllocator.DEFAULT, serverName.orElse(host), port);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Speaks TLS over a socket that blocks, for a thread that may; the handshake is done.
     *
     * @throws IOException if the server is not believed, or there is no common ground
     */
    public Socket over(Socket plain, String host) throws IOException {
        SSLSocket secured = (SSLSocket)
                blocking.getSocketFactory().createSocket(plain, serverName.orElse(host), plain.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setProtocols(versions);
        parameters.setApplicationProtocols(protocols.toArray(String[]::new));
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }
}
