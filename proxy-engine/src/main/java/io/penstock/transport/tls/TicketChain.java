package io.penstock.transport.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that tickets are encrypted with, one for each period of eight hours. Immutable.
 *
 * <p>Each period has a secret, of which its key comes, and the secret of the next period comes of it (HKDF-SHA256, RFC 5869).
 * Of the secrets only the oldest is held whose tickets are still taken: the way back from it to older ones is closed, so that who
 * finds it cannot open connections that were recorded longer ago.
 *
 * @param period the number of the oldest period, counted from 1970
 * @param secret its secret, 32 bytes; not to be written to
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, and never shown.
public record TicketChain(long period, byte[] secret) {
    /** How long new tickets come of one key. */
    public static final long PERIOD_MS = 8 * 3600 * 1000L;

    /** Bytes of a secret. */
    public static final int SECRET_BYTES = 32;

    /** So many periods' tickets are taken: a ticket is good for 16 hours at least. */
    private static final int TAKEN = 3;

    private static final int PART_BYTES = 16;

    public TicketChain {
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("found a secret of " + secret.length + " bytes, wanted " + SECRET_BYTES);
        }
    }

    /** A chain that begins now, with a secret by chance. */
    public static TicketChain beginning(long epochMs, byte[] secret) {
        return new TicketChain(oldestAt(epochMs), secret);
    }

    private static long oldestAt(long epochMs) {
        return Math.floorDiv(epochMs, PERIOD_MS) - (TAKEN - 1);
    }

    /** This as it is at a time: this very chain while nothing is too old. A clock that was set back changes nothing. */
    public TicketChain at(long epochMs) {
        long wanted = oldestAt(epochMs);
        TicketChain chain = this;
        while (chain.period < wanted) {
            chain = new TicketChain(chain.period + 1, derived(chain.secret, "next", SECRET_BYTES));
        }
        return chain;
    }

    /** How many steps lie between this and a time; many mean that this is long out of use. */
    public long stepsTo(long epochMs) {
        return oldestAt(epochMs) - period;
    }

    /** The keys whose tickets are taken; new tickets come of the first, the youngest. */
    public List<TicketKey> keys() {
        List<TicketKey> keys = new ArrayList<>();
        byte[] each = secret;
        for (int i = 0; i < TAKEN; i++) {
            byte[] key = derived(each, "ticket", 3 * PART_BYTES);
            keys.addFirst(new TicketKey(
                    Arrays.copyOf(key, PART_BYTES),
                    Arrays.copyOfRange(key, PART_BYTES, 2 * PART_BYTES),
                    Arrays.copyOfRange(key, 2 * PART_BYTES, 3 * PART_BYTES)));
            each = derived(each, "next", SECRET_BYTES);
        }
        return keys;
    }

    private static byte[] derived(byte[] secret, String use, int bytes) {
        try {
            SecretKey key = KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "Generic",
                            HKDFParameterSpec.expandOnly(
                                    new SecretKeySpec(secret, "Generic"),
                                    ("penstock tickets " + use).getBytes(StandardCharsets.US_ASCII),
                                    bytes));
            return key.getEncoded();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this Java platform must have HKDF-SHA256", missing);
        }
    }

    @Override
    public String toString() {
        return "TicketChain[" + period + "]";
    }
}
