package io.penstock.http2;

import io.penstock.http.ByteBuilder;

/**
 * The Huffman code of RFC 7541 appendix B. It is canonical: codes of one length are consecutive numbers in the order of
 * their symbols, so that the lengths alone say all of it. Codes of up to nine bits, which are nearly all that occur, are found
 * in a table by the next nine bits; longer ones by comparing with the last code of each length.
 */
public final class Huffman {
    private static final int SYMBOLS = 257;
    private static final int END = 256;
    private static final int SHORT_BITS = 9;
    private static final int LONGEST_BITS = 30;
    private static final int WINDOW_MASK = (1 << LONGEST_BITS) - 1;

    /** For each symbol the length of its code: digits for 0 to 9, letters from a for 10. */
    private static final String LENGTHS = "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca"
            + "d67777777777777777777777878djde6f56565666577666567655677777fbeds"
            + "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmnlmnnkmmmnmmn"
            + "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq"
            + "u";

    // Symbol and length of the short code that nine bits begin with; 0 where they begin a longer one.
    private static final short[] SHORT = new short[1 << SHORT_BITS];
    // By length: the first number behind its codes, and the first code, both shifted to the longest length; where its
    // symbols begin in ORDERED.
    private static final int[] LIMIT = new int[LONGEST_BITS + 1];
    private static final int[] FIRST = new int[LONGEST_BITS + 1];
    private static final int[] PLACE = new int[LONGEST_BITS + 1];
    private static final short[] ORDERED = new short[SYMBOLS];

    static {
        int code = 0;
        int placed = 0;
        for (int bits = 1; bits <= LONGEST_BITS; bits++) {
            code <<= 1;
            FIRST[bits] = code << (LONGEST_BITS - bits);
            PLACE[bits] = placed;
            for (int symbol = 0; symbol < SYMBOLS; symbol++) {
                if (length(symbol) == bits) {
                    ORDERED[placed++] = (short) symbol;
                    if (bits <= SHORT_BITS) {
                        fill(code, bits, symbol);
                    }
                    code++;
                }
            }
            LIMIT[bits] = code << (LONGEST_BITS - bits);
        }
    }

    private Huffman() {}

    private static int length(int symbol) {
        return Character.digit(LENGTHS.charAt(symbol), 36);
    }

    private static void fill(int code, int bits, int symbol) {
        int free = SHORT_BITS - bits;
        for (int rest = 0; rest < 1 << free; rest++) {
            SHORT[code << free | rest] = (short) (symbol << 4 | bits);
        }
    }

    /**
     * Appends the decoded octets.
     *
     * @return how many they are, or -1 if this is no Huffman-coded text: the symbol that ends one is in it, or its padding is
     *     longer than seven bits or not all ones
     */
    public static int decode(byte[] source, int offset, int length, ByteBuilder into) {
        // The shortest code has five bits.
        into.ensure(length * 8 / 5 + 1);
        byte[] target = into.array();
        int start = into.length();
        int at = start;
        int next = offset;
        int end = offset + length;
        long bits = 0;
        int count = 0;
        while (true) {
            while (count <= 48 && next < end) {
                bits = bits << 8 | (source[next++] & 0xff);
                count += 8;
            }
            int window = count >= LONGEST_BITS
                    ? (int) (bits >>> (count - LONGEST_BITS)) & WINDOW_MASK
                    : ((int) (bits << (LONGEST_BITS - count)) & WINDOW_MASK) | ((1 << (LONGEST_BITS - count)) - 1);
            int found = SHORT[window >>> (LONGEST_BITS - SHORT_BITS)];
            int taken = found & 0xf;
            int symbol = found >>> 4;
            if (found == 0) {
                taken = SHORT_BITS + 1;
                while (window >= LIMIT[taken] && taken < LONGEST_BITS) {
                    taken++;
                }
                symbol = ORDERED[PLACE[taken] + ((window - FIRST[taken]) >>> (LONGEST_BITS - taken))];
            }
            if (taken > count) {
                break;
            }
            if (symbol == END) {
                return -1;
            }
            target[at++] = (byte) symbol;
            count -= taken;
        }
        int mask = (1 << count) - 1;
        if (count > 7 || ((int) bits & mask) != mask) {
            return -1;
        }
        into.length(at);
        return at - start;
    }
}
