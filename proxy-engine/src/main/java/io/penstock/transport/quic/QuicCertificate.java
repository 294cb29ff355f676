package io.penstock.transport.quic;

import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.Mapping;
import io.penstock.config.TlsPolicyConfig;
import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.tls.ClientTrust;
import io.penstock.transport.tls.TicketKey;
import io.penstock.transport.tls.TlsFacts;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** What a certificate is to QUIC: shown by the library's own TLS 1.3, never resumed with early data. */
@SharedByWorkers
public final class QuicCertificate {
    private static final int TICKET_PART_BYTES = 16;

    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final TlsPolicyConfig policy;
    private final Optional<ClientTrust> clients;
    private final QuicSslContext context;

    /** What handshakes begin with, by worker and listener; the keys of tickets are the beginning's. */
    private final Set<QuicSslContext> beginnings =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private volatile List<TicketKey> tickets;

    /**
     * Makes one.
     *
     * @param tickets the keys of tickets, that of new ones first; none for no tickets
     * @throws IllegalStateException if the library does not take it
     */
    public QuicCertificate(
            List<X509Certificate> chain,
            PrivateKey key,
            TlsPolicyConfig policy,
            Optional<ClientTrust> clients,
            List<TicketKey> tickets) {
        this.chain = List.copyOf(chain);
        this.key = key;
        this.policy = policy;
        this.clients = clients;
        this.tickets = List.copyOf(tickets);
        this.context = make(null);
    }

    private QuicSslContext make(@Nullable Mapping<String, QuicSslContext> names) {
        QuicSslContextBuilder builder = QuicSslContextBuilder.forServer(
                        key, null, chain.toArray(X509Certificate[]::new))
                .applicationProtocols(TlsFacts.HTTP_3)
                .option(BoringSSLContextOption.GROUPS, policy.groupsOffered().toArray(String[]::new))
                .earlyData(false);
        clients.ifPresent(trust ->
                builder.trustManager(trust).clientAuth(trust.isRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL));
        if (names != null) {
            builder.sni(names);
        }
        return builder.build();
    }

    /** Replaces the keys of tickets. Any thread but a worker. */
    public void tickets(List<TicketKey> keys) {
        tickets = List.copyOf(keys);
        for (QuicSslContext beginning : beginnings.toArray(QuicSslContext[]::new)) {
            setTickets(beginning, keys);
        }
    }

    private static void setTickets(QuicSslContext context, List<TicketKey> keys) {
        context.sessionContext()
                .setTicketKeys(keys.stream()
                        .map(each -> new SslSessionTicketKey(each.name(), each.hmac(), each.aes()))
                        .toArray(SslSessionTicketKey[]::new));
    }

    /** What handshakes go on with that ask for it. */
    public QuicSslContext context() {
        return context;
    }

    /** What handshakes begin with whose peers may ask for others by name. */
    public QuicSslContext beginning(Mapping<String, QuicSslContext> names) {
        QuicSslContext made = make(names);
        beginnings.add(made);
        setTickets(made, tickets);
        return made;
    }

    /** A handshake is about to begin with this. */
    public void begins(QuicSslContext beginning) {
        if (tickets.isEmpty()) {
            // The library cannot be kept from giving tickets, but from taking any: each key is gone before it is
            // needed.
            byte[] once = new byte[TICKET_PART_BYTES * 3];
            new SecureRandom().nextBytes(once);
            setTickets(
                    beginning,
                    List.of(new TicketKey(
                            Arrays.copyOfRange(once, 0, TICKET_PART_BYTES),
                            Arrays.copyOfRange(once, TICKET_PART_BYTES, 2 * TICKET_PART_BYTES),
                            Arrays.copyOfRange(once, 2 * TICKET_PART_BYTES, 3 * TICKET_PART_BYTES))));
        }
    }
}
