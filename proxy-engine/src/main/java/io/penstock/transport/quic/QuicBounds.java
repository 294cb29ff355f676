package io.penstock.transport.quic;

/**
 * What a peer may have at most.
 *
 * @param streams it may have open at a time, each way of its own
 * @param streamWindowBytes it may send on a stream before any of it was taken
 * @param windowBytes it may send on all streams before any of it was taken
 * @param idleTimeoutMs it may be silent
 */
public record QuicBounds(int streams, int streamWindowBytes, int windowBytes, long idleTimeoutMs) {}
