package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Which side of a handshake a channel is, and who hears how it went. */
@WorkerConfined
public interface TlsSide {
    /** How long the handshake may take. */
    long handshakeTimeoutNs();

    /** The engine of the side that speaks first; null for the one that answers. */
    @Nullable
    SSLEngine begin();

    /**
     * The engine that answers a client.
     *
     * @param hello all that came until now, from position to limit; not changed
     * @return null if more has to come first
     * @throws SSLException if nobody answers that
     */
    @Nullable
    SSLEngine answer(ByteBuffer hello) throws SSLException;

    /** The handshake is done. */
    void done(SSLEngine engine);

    /** There will be no handshake; the connection ends next. */
    void failed(TlsFailure cause, SSLException why);
}
