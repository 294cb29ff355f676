package io.penstock.transport.tls;

import io.penstock.mark.WorkerConfined;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The side that answers: it chooses what it shows by the name that the client asks for. */
@WorkerConfined
public abstract class ServerSide implements TlsSide {
    private final ServerNames<ServerContext> contexts;
    private @Nullable String serverName;
    private boolean isClearText;
    private boolean isUnserved;

    /** A side that shows one of these. */
    protected ServerSide(ServerNames<ServerContext> contexts) {
        this.contexts = contexts;
    }

    @Override
    public final @Nullable SSLEngine begin() {
        return null;
    }

    @Override
    public final @Nullable SSLEngine answer(ByteBuffer hello) throws SSLException {
        ClientHello read = ClientHello.read(hello);
        return switch (read.state()) {
            case PARTIAL -> null;
            case COMPLETE -> {
                serverName = read.serverName();
                ServerContext proof = read.isForProof() && serverName != null ? proof(serverName) : null;
                ServerContext chosen = proof == null ? contexts.of(serverName) : proof;
                if (chosen == null) {
                    isUnserved = true;
                    throw new SSLException("there is no certificate to show yet");
                }
                yield chosen.newEngine();
            }
            case TOO_LONG -> throw new SSLException("the hello is longer than " + ClientHello.BYTES_MAX + " bytes");
            case MALFORMED -> {
                // A method begins with a capital letter, and no record of TLS does.
                byte first = hello.get(hello.position());
                isClearText = first >= 'A' && first <= 'Z';
                throw new SSLException("what came is no hello");
            }
        };
    }

    @Override
    public final void done(SSLEngine engine) {
        done(TlsFacts.of(engine, serverName));
    }

    /** What proves a name to a certificate authority that asks for it (RFC 8737); null for nothing. */
    protected abstract @Nullable ServerContext proof(String name);

    /** The handshake is done; its outcome. */
    protected abstract void done(TlsFacts facts);

    /** Whether there is nothing that a client could be shown. */
    protected final boolean isUnserved() {
        return isUnserved;
    }

    /** Whether what came instead of a hello looks like a request in clear text. */
    protected final boolean isClearText() {
        return isClearText;
    }
}
