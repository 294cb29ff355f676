package io.penstock.transport.quic;

/** Why a connection is gone. */
public enum QuicEnd {
    /** We have closed it. */
    OURS,
    /** The peer has closed it. */
    PEER,
    /** Nothing was heard for as long as it may be silent. */
    SILENCE,
    /** The handshake did not come to an end in time. */
    HANDSHAKE_TIMEOUT,
    /** The handshake failed: no certificate, no protocol, or a version that both have. */
    HANDSHAKE_FAILED,
    /** The peer broke the protocol. */
    PROTOCOL
}
