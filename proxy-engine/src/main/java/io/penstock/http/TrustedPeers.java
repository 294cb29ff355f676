package io.penstock.http;

import io.penstock.mark.SharedByWorkers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The addresses whose word about a request's way is believed; a list of networks, empty by default. Immutable. */
@SharedByWorkers
public final class TrustedPeers {
    /** Nobody. */
    public static final TrustedPeers NONE = of(List.of());

    private static final int V4_PREFIX_BITS = 96;

    // Two words of address and two of mask for each network.
    private final long[] words;

    private TrustedPeers(long[] words) {
        this.words = words;
    }

    /**
     * Makes a list from texts such as {@code 10.0.0.0/8}, {@code fd00::/8} or a single address.
     *
     * @throws IllegalArgumentException if one of them is no network
     */
    public static TrustedPeers of(List<String> networks) {
        long[] words = new long[networks.size() * 4];
        for (int i = 0; i < networks.size(); i++) {
            String text = networks.get(i);
            int slash = text.indexOf('/');
            byte[] address = new byte[AddressText.BYTES];
            String host = slash < 0 ? text : text.substring(0, slash);
            int bits = parse(text, host, address, slash < 0 ? "" : text.substring(slash + 1));
            long highMask = mask(bits);
            long lowMask = mask(bits - 64);
            ByteBuffer buffer = ByteBuffer.wrap(address);
            words[i * 4] = buffer.getLong(0) & highMask;
            words[i * 4 + 1] = buffer.getLong(8) & lowMask;
            words[i * 4 + 2] = highMask;
            words[i * 4 + 3] = lowMask;
        }
        return new TrustedPeers(words);
    }

    private static int parse(String network, String host, byte[] address, String bitsText) {
        byte[] bytes = host.getBytes(StandardCharsets.ISO_8859_1);
        boolean isSound = AddressText.parse(bytes, 0, bytes.length, address) && bitsText.matches("[0-9]{0,3}");
        boolean isV4 = host.indexOf(':') < 0;
        int most = isV4 ? 32 : 128;
        int bits = !isSound ? -1 : bitsText.isEmpty() ? most : Integer.parseInt(bitsText);
        if (bits < 0 || bits > most || network.endsWith("/")) {
            throw new IllegalArgumentException(
                    "\"" + network + "\" is no network; an address with a prefix length is wanted, such as 10.0.0.0/8");
        }
        return isV4 ? bits + V4_PREFIX_BITS : bits;
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
    }

    /** Whether nobody is trusted. */
    public boolean isEmpty() {
        return words.length == 0;
    }

    /** Whether an address of 16 bytes is in one of the networks. */
    public boolean contains(byte[] address) {
        if (words.length == 0) {
            return false;
        }
        long high = Long.reverseBytes(Octets.getLong(address, 0));
        long low = Long.reverseBytes(Octets.getLong(address, 8));
        for (int i = 0; i < words.length; i += 4) {
            if ((high & words[i + 2]) == words[i] && (low & words[i + 3]) == words[i + 1]) {
                return true;
            }
        }
        return false;
    }
}
