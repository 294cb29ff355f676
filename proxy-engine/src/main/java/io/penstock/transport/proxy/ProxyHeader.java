package io.penstock.transport.proxy;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a PROXY header says of the connection behind it (HAProxy's proxy-protocol.txt). Arrays are not to be written to.
 *
 * @param source the client; null where it says nothing of it: the sender's own connections (LOCAL), UNKNOWN, and families
 *     other than TCP over IP
 * @param destination to which address the client connected; null where {@code source} is
 * @param alpn the protocol that was agreed on over TLS; empty if it says none
 * @param authority the name that the client asked for over TLS; empty if it says none
 * @param uniqueId the sender's id of the connection; empty if it says none
 * @param tls what it says of the client's TLS; null if that came in clear, or it does not say
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record ProxyHeader(
        @Nullable InetSocketAddress source,
        @Nullable InetSocketAddress destination,
        byte[] alpn,
        String authority,
        byte[] uniqueId,
        @Nullable Tls tls) {
    private static final byte[] NONE = {};

    /** A header that leaves everything as it is. */
    public static final ProxyHeader NOTHING = new ProxyHeader(null, null, NONE, "", NONE, null);

    /** A header of addresses alone. */
    public static ProxyHeader of(InetSocketAddress source, InetSocketAddress destination) {
        return new ProxyHeader(source, destination, NONE, "", NONE, null);
    }

    /**
     * The TLS between the client and the sender.
     *
     * @param isVerified whether the client showed a certificate and the sender found it good
     * @param version such as {@code TLSv1.3}; empty if it is not said
     * @param commonName of the client's certificate; empty if it is not said
     * @param cipher empty if it is not said
     */
    public record Tls(boolean isVerified, String version, String commonName, String cipher) {}
}
