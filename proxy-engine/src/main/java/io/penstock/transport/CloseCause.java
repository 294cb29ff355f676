package io.penstock.transport;

/** Why a channel is gone. */
public enum CloseCause {
    /** We closed or aborted it. */
    OURS,
    /** Both directions ended in order. */
    FINISHED,
    /** The peer reset it, or it broke while in use. */
    RESET,
    /** The peer refused the connection. */
    CONNECT_REFUSED,
    /** The peer could not be reached (no route, host down, address not available). */
    CONNECT_UNREACHABLE,
    /** The connection was not made within its timeout. */
    CONNECT_TIMEOUT,
    /** This process is out of descriptors, ports or memory. */
    EXHAUSTED
}
