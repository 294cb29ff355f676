package io.penstock.transport;

import io.penstock.transport.quic.AddressTokens;
import io.penstock.transport.quic.ConnectionIds;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/** Under which ids of connections and tokens of addresses are made; a process hands its own to the one that takes its place. */
final class QuicSecrets {
    private static final int ID_BYTES = 2 * Long.BYTES;
    private static final int BYTES = ID_BYTES + 32;

    private final byte[] secret;
    private final ConnectionIds ids;
    private final AddressTokens tokens;

    private QuicSecrets(byte[] secret) {
        this.secret = secret;
        ByteBuffer keys = ByteBuffer.wrap(secret);
        ids = new ConnectionIds(keys.getLong(), keys.getLong());
        tokens = new AddressTokens(Arrays.copyOfRange(secret, ID_BYTES, BYTES));
    }

    static QuicSecrets random(SecureRandom random) {
        byte[] made = new byte[BYTES];
        random.nextBytes(made);
        return new QuicSecrets(made);
    }

    /** As another process has written them. @throws IllegalArgumentException if they are not whole */
    static QuicSecrets of(String text) {
        byte[] read = HexFormat.of().parseHex(text);
        if (read.length != BYTES) {
            throw new IllegalArgumentException("found " + read.length + " octets, wanted " + BYTES);
        }
        return new QuicSecrets(read);
    }

    /** For the other process, and for nobody else. */
    String text() {
        return HexFormat.of().formatHex(secret);
    }

    ConnectionIds ids() {
        return ids;
    }

    AddressTokens tokens() {
        return tokens;
    }
}
