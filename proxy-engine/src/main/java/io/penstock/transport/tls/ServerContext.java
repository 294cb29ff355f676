package io.penstock.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.config.TlsVersion;
import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.quic.QuicCertificate;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One certificate under one policy, ready to answer clients: what handshakes of all workers are begun with. Made by the
 * control thread; its memory is native and goes when nobody holds it any more.
 */
@SharedByWorkers
public final class ServerContext {
    // Handshakes may be begun with an old context as long as a listener anywhere still has it, so reachability decides.
    private static final Cleaner CLEANER = Cleaner.create();

    private static final Logger LOG = LoggerFactory.getLogger(ServerContext.class);

    private final SslContext context;
    private final String[] jdkGroups;
    private final Optional<QuicCertificate> quic;

    // Replaced as a whole by the control thread, read by the workers: each handshake shows the one or the other.
    private volatile byte[] ocspResponse;

    private ServerContext(
            SslContext context, List<String> groups, byte[] ocspResponse, Optional<QuicCertificate> quic) {
        this.context = context;
        this.quic = quic;
        this.ocspResponse = ocspResponse;
        this.jdkGroups = groups.stream().map(ServerContext::jdkGroup).toArray(String[]::new);
    }

    /** The library that is used here; the first call loads it, and says so where it is not the usual one. */
    public static TlsLibrary library() {
        return Loaded.LIBRARY;
    }

    /** Loaded by the first who asks: a gateway that speaks no TLS starts without. */
    private static final class Loaded {
        static final TlsLibrary LIBRARY = load();

        private static TlsLibrary load() {
            if (OpenSsl.isAvailable()) {
                return TlsLibrary.BORINGSSL;
            }
            LOG.warn(
                    "BoringSSL does not load here; TLS is the Java platform's, at several times the cost and with tickets that end with the process",
                    OpenSsl.unavailabilityCause());
            return TlsLibrary.JDK;
        }
    }

    /**
     * Makes one.
     *
     * @param protocols what is offered over it (RFC 7301), the preferred first
     * @param clients which certificates of clients are believed; empty where none is asked for
     * @param staple what is shown with the certificate
     * @param tickets the keys of tickets, that of new ones first; none for no tickets
     * @param http3 whether it is shown by QUIC too
     * @throws SSLException if the library does not take it
     */
    public static ServerContext of(
            TlsLibrary library,
            List<X509Certificate> chain,
            PrivateKey key,
            TlsPolicyConfig policy,
            List<String> protocols,
            Optional<ClientTrust> clients,
            Staple staple,
            List<TicketKey> tickets,
            boolean http3)
            throws SSLException {
        List<String> ciphers = new ArrayList<>(TlsPolicyConfig.CIPHERS_OF_1_3);
        ciphers.addAll(policy.ciphersOffered());
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain)
                .sslProvider(library == TlsLibrary.BORINGSSL ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                .protocols(versions(policy))
                .ciphers(ciphers, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocols));
        clients.ifPresent(trust ->
                builder.trustManager(trust).clientAuth(trust.isRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL));
        if (library == TlsLibrary.BORINGSSL) {
            // Its tasks would be run on the spot anyway.
            builder.option(OpenSslContextOption.USE_TASKS, false)
                    .option(OpenSslContextOption.GROUPS, policy.groupsOffered().toArray(String[]::new))
                    .enableOcsp(staple.isFollowed() || staple.response().length > 0);
        }
        SslContext made = builder.build();
        ServerContext context = new ServerContext(
                made,
                policy.groupsOffered(),
                staple.response(),
                http3 ? Optional.of(new QuicCertificate(chain, key, policy, clients, tickets)) : Optional.empty());
        if (made instanceof ReferenceCountedOpenSslContext) {
            CLEANER.register(context, () -> ReferenceCountUtil.release(made));
        }
        if (made.sessionContext() instanceof OpenSslSessionContext resumptions) {
            // Tickets leave what is to be remembered to the client; a cache would be another for each certificate.
            resumptions.setSessionCacheEnabled(false);
        }
        context.tickets(tickets);
        return context;
    }

    /** What it is to QUIC; empty where it is not shown there. */
    public Optional<QuicCertificate> quic() {
        return quic;
    }

    /** Replaces the keys of tickets, also for connections that are open. Any thread but a worker. */
    public void tickets(List<TicketKey> keys) {
        quic.ifPresent(shown -> shown.tickets(keys));
        try {
            if (!keys.isEmpty() && context.sessionContext() instanceof OpenSslSessionContext resumptions) {
                resumptions.setTicketKeys(keys.stream()
                        .map(key -> new OpenSslSessionTicketKey(key.name(), key.hmac(), key.aes()))
                        .toArray(OpenSslSessionTicketKey[]::new));
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Staples something else from the next handshake on; only where {@link Staple#isFollowed}. Any thread but a worker.
     *
     * @param response not to be written to; empty for nothing
     */
    public void staple(byte[] response) {
        ocspResponse = response;
    }

    /** An engine that answers one client. */
    SSLEngine newEngine() {
        try {
            SSLEngine engine = context.newEngine(ByteBufAllocator.DEFAULT);
            if (!(context instanceof ReferenceCountedOpenSslContext)) {
                SSLParameters parameters = engine.getSSLParameters();
                parameters.setUseCipherSuitesOrder(true);
                parameters.setNamedGroups(jdkGroups);
                engine.setSSLParameters(parameters);
            }
            byte[] staple = ocspResponse;
            if (staple.length > 0 && engine instanceof ReferenceCountedOpenSslEngine open) {
                open.setOcspResponse(staple);
            }
            return engine;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    static String[] versions(TlsPolicyConfig policy) {
        return Arrays.stream(TlsVersion.values())
                .filter(version ->
                        version.compareTo(policy.minVersion()) >= 0 && version.compareTo(policy.maxVersion()) <= 0)
                .map(TlsVersion::text)
                .toArray(String[]::new);
    }

    private static String jdkGroup(String group) {
        return switch (group) {
            case "P-256" -> "secp256r1";
            case "P-384" -> "secp384r1";
            case "P-521" -> "secp521r1";
            default -> group;
        };
    }
}
