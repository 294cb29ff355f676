package io.penstock.transport.quic;

import io.penstock.transport.tls.ServerContext;
import org.jspecify.annotations.Nullable;

/** Decides about connections that peers begin. Called on the loop. */
public interface QuicAcceptor {
    /**
     * A peer begins a handshake.
     *
     * @return who hears of it; null to drop its packet without a word
     */
    @Nullable
    QuicHandler accepted(QuicConnection connection);

    /**
     * What is shown to a peer.
     *
     * @param serverName what it asks for, in lower case; null where it names none
     * @return null where there is nothing to show yet
     */
    @Nullable
    ServerContext shown(@Nullable String serverName);

    /** How long a handshake may take, in nanoseconds. */
    long handshakeTimeoutNs();

    /** Packets of another loop's or process's connection were dropped, since too many wait to be passed on; or none. */
    void dropped(int packets);

    /** Packets of another loop's or process's connection were passed on; or none. */
    void passedOn(int packets);

    /** A peer was asked to show that its address is its own (RFC 9000 section 8.1.2). */
    void addressAsked();
}
