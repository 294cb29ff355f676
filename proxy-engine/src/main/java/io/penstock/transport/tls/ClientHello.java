package io.penstock.transport.tls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client says first (RFC 8446 section 4.1.2), read as far as it takes to choose who answers: the name it asks for (RFC
 * 6066 section 3), and whether it only wants a proof of it (RFC 8737). It may come in several records (RFC 8446 section 5.1). Nothing is trusted that is not checked here;
 * the rest is for the TLS library to judge.
 *
 * @param state whether it is complete
 * @param serverName the name in lower case, null where there is none that a certificate could be for
 * @param isForProof whether {@code acme-tls/1} is all that it would speak
 */
public record ClientHello(State state, @Nullable String serverName, boolean isForProof) {
    /** Bytes of a hello, with the heads of its records, beyond which it is refused. Those of browsers have 2000. */
    public static final int BYTES_MAX = 16 * 1024;

    /** How far it has come. */
    public enum State {
        /** More bytes are wanted. */
        PARTIAL,
        /** All is there. */
        COMPLETE,
        /** It is too long. */
        TOO_LONG,
        /** It is no hello. */
        MALFORMED
    }

    private static final int RECORD_HEAD_BYTES = 5;
    private static final int RECORD_BYTES_MAX = 1 << 14;
    private static final int HANDSHAKE_RECORD = 22;
    private static final int MAJOR_VERSION = 3;
    private static final int MESSAGE_HEAD_BYTES = 4;
    private static final int CLIENT_HELLO = 1;
    private static final int RANDOM_BYTES = 32;
    private static final int SERVER_NAME = 0;
    private static final int HOST_NAME = 0;
    private static final int HOST_CHARS_MAX = 253;
    private static final int PROTOCOLS = 16;
    private static final ByteBuffer PROOF = ByteBuffer.wrap(TlsFacts.ACME_TLS.getBytes(StandardCharsets.US_ASCII))
            .asReadOnlyBuffer();

    private static final ClientHello PARTIAL = new ClientHello(State.PARTIAL, null, false);
    private static final ClientHello TOO_LONG = new ClientHello(State.TOO_LONG, null, false);
    private static final ClientHello MALFORMED = new ClientHello(State.MALFORMED, null, false);

    /**
     * Reads what has come so far.
     *
     * @param received all bytes since the connection was opened, from position 0 to the limit; not changed
     */
    public static ClientHello read(ByteBuffer received) {
        ByteBuffer records = received.duplicate().position(0);
        if (records.hasRemaining() && records.get(0) != HANDSHAKE_RECORD) {
            return MALFORMED;
        }
        ByteBuffer message = ByteBuffer.allocate(BYTES_MAX);
        int wanted = MESSAGE_HEAD_BYTES;
        while (message.position() < wanted) {
            if (records.remaining() < RECORD_HEAD_BYTES) {
                return more(records);
            }
            int type = records.get();
            int major = records.get();
            records.get();
            int length = records.getShort() & 0xffff;
            if (type != HANDSHAKE_RECORD || major != MAJOR_VERSION || length == 0 || length > RECORD_BYTES_MAX) {
                return MALFORMED;
            }
            if (message.position() + length > BYTES_MAX) {
                return TOO_LONG;
            }
            int here = Math.min(length, records.remaining());
            message.put(records.slice(records.position(), here));
            records.position(records.position() + here);
            if (message.position() >= MESSAGE_HEAD_BYTES) {
                if (message.get(0) != CLIENT_HELLO) {
                    return MALFORMED;
                }
                wanted = MESSAGE_HEAD_BYTES + (message.getInt(0) & 0xff_ffff);
                if (wanted > BYTES_MAX) {
                    return TOO_LONG;
                }
            }
            if (here < length && message.position() < wanted) {
                return more(records);
            }
        }
        message.limit(wanted).position(MESSAGE_HEAD_BYTES);
        return body(message);
    }

    private static ClientHello more(ByteBuffer records) {
        return records.limit() >= BYTES_MAX ? TOO_LONG : PARTIAL;
    }

    private static ClientHello body(ByteBuffer message) {
        // The two bytes of the legacy version come before the random.
        if (message.remaining() < 2 + RANDOM_BYTES) {
            return MALFORMED;
        }
        message.position(message.position() + 2 + RANDOM_BYTES);
        ByteBuffer session = vector(message, 1);
        ByteBuffer suites = session == null ? null : vector(message, 2);
        ByteBuffer compressions = suites == null ? null : vector(message, 1);
        if (compressions == null) {
            return MALFORMED;
        }
        if (!message.hasRemaining()) {
            return new ClientHello(State.COMPLETE, null, false);
        }
        ByteBuffer extensions = vector(message, 2);
        if (extensions == null || message.hasRemaining()) {
            return MALFORMED;
        }
        String name = null;
        boolean isForProof = false;
        while (extensions.hasRemaining()) {
            if (extensions.remaining() < 2) {
                return MALFORMED;
            }
            int type = extensions.getShort() & 0xffff;
            ByteBuffer content = vector(extensions, 2);
            if (content == null) {
                return MALFORMED;
            }
            if (type == SERVER_NAME) {
                ByteBuffer names = vector(content, 2);
                if (names == null) {
                    return MALFORMED;
                }
                name = hostName(names);
            } else if (type == PROTOCOLS) {
                isForProof = isForProof(content);
            }
        }
        return new ClientHello(State.COMPLETE, name, isForProof);
    }

    // A list of one (RFC 8737 section 3).
    private static boolean isForProof(ByteBuffer content) {
        ByteBuffer protocols = vector(content, 2);
        if (protocols == null) {
            return false;
        }
        ByteBuffer first = vector(protocols, 1);
        return first != null && !protocols.hasRemaining() && first.equals(PROOF);
    }

    private static @Nullable String hostName(ByteBuffer names) {
        while (names.hasRemaining()) {
            int type = names.get();
            ByteBuffer name = vector(names, 2);
            if (name == null) {
                return null;
            }
            if (type == HOST_NAME) {
                String text =
                        StandardCharsets.ISO_8859_1.decode(name).toString().toLowerCase(Locale.ROOT);
                return isHostName(text) ? text : null;
            }
        }
        return null;
    }

    private static boolean isHostName(String text) {
        return !text.isEmpty()
                && text.length() <= HOST_CHARS_MAX
                && text.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_');
    }

    /** Bytes behind their count, which has so many bytes itself; null where fewer came. */
    private static @Nullable ByteBuffer vector(ByteBuffer from, int countBytes) {
        if (from.remaining() < countBytes) {
            return null;
        }
        int length = countBytes == 1 ? from.get() & 0xff : from.getShort() & 0xffff;
        if (from.remaining() < length) {
            return null;
        }
        ByteBuffer bytes = from.slice(from.position(), length);
        from.position(from.position() + length);
        return bytes;
    }
}
