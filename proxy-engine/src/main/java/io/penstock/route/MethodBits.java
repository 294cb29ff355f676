package io.penstock.route;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Which bit of a method mask stands for which method: the known ones have theirs for ever, others get one while a rule
 * names them. Control thread only; tables hold {@link #tokens()}, which is never changed.
 */
final class MethodBits {
    /** Methods at most that rules of one table name. */
    static final int METHODS_MAX = 63;

    /** Stands for every method that no rule names. */
    static final int UNNAMED = 63;

    private static final List<String> KNOWN =
            List.of("GET", "POST", "PUT", "HEAD", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE");
    private static final long[] KNOWN_WORDS =
            KNOWN.stream().mapToLong(MethodBits::word).toArray();

    private final Map<String, Integer> bits = new HashMap<>();
    private final int[] uses = new int[METHODS_MAX];
    private byte[][] tokens = new byte[0][];

    /** The methods beside the known ones, by bit minus the number of known ones; an empty token is a free bit. */
    byte[][] tokens() {
        return tokens;
    }

    /**
     * The bit of a method, which it keeps until released as often.
     *
     * @throws IllegalArgumentException if the table names too many methods already
     */
    int acquire(String method) {
        int known = KNOWN.indexOf(method);
        if (known >= 0) {
            return known;
        }
        Integer present = bits.get(method);
        if (present != null) {
            uses[present]++;
            return present;
        }
        int bit = KNOWN.size();
        while (bit < METHODS_MAX && uses[bit] > 0) {
            bit++;
        }
        if (bit == METHODS_MAX) {
            throw new IllegalArgumentException(
                    "method " + method + ": the routes name " + METHODS_MAX + " different methods already");
        }
        uses[bit] = 1;
        bits.put(method, bit);
        setToken(bit, method.getBytes(StandardCharsets.US_ASCII));
        return bit;
    }

    void release(String method) {
        Integer bit = bits.get(method);
        if (bit != null && --uses[bit] == 0) {
            bits.remove(method);
            setToken(bit, new byte[0]);
        }
    }

    /** The bit of a request's method. Any thread. */
    static int of(byte[][] tokens, UnsafeBuffer bytes, int offset, int length) {
        if (length < Long.BYTES) {
            long word = RouteHash.word(bytes, offset, length);
            for (int i = 0; i < KNOWN_WORDS.length; i++) {
                if (KNOWN_WORDS[i] == word) {
                    return i;
                }
            }
        }
        for (int i = 0; i < tokens.length; i++) {
            if (isToken(tokens[i], bytes, offset, length)) {
                return KNOWN.size() + i;
            }
        }
        return UNNAMED;
    }

    /** The method of a bit. */
    static String name(byte[][] tokens, int bit) {
        return bit < KNOWN.size() ? KNOWN.get(bit) : new String(tokens[bit - KNOWN.size()], StandardCharsets.US_ASCII);
    }

    /** The methods of a mask with something between them. */
    static String names(byte[][] tokens, long mask, String separator) {
        StringBuilder names = new StringBuilder();
        for (long rest = mask; rest != 0; rest &= rest - 1) {
            names.append(names.isEmpty() ? "" : separator).append(name(tokens, Long.numberOfTrailingZeros(rest)));
        }
        return names.toString();
    }

    private static boolean isToken(byte[] token, UnsafeBuffer bytes, int offset, int length) {
        if (token.length != length || length == 0) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(offset + i) != token[i]) {
                return false;
            }
        }
        return true;
    }

    private void setToken(int bit, byte[] token) {
        int index = bit - KNOWN.size();
        byte[][] changed = Arrays.copyOf(tokens, Math.max(tokens.length, index + 1));
        for (int i = tokens.length; i < changed.length; i++) {
            changed[i] = new byte[0];
        }
        changed[index] = token;
        tokens = changed;
    }

    private static long word(String method) {
        long word = 0;
        for (int i = 0; i < method.length(); i++) {
            word |= (long) method.charAt(i) << (8 * i);
        }
        return word;
    }
}
