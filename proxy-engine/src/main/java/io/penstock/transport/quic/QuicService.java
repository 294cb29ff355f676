package io.penstock.transport.quic;

import io.penstock.mark.WorkerConfined;

/** A UDP socket at work on a loop; every method is called on it. */
@WorkerConfined
public interface QuicService {
    /** Closes the socket, and with it without a word what is left of connections. */
    void close();
}
