package io.penstock.http;

import io.penstock.mark.WorkerConfined;

/**
 * Finds the address of the client behind trusted peers.
 *
 * <p>The list of hops is walked from its end, the nearest: as long as a hop is trusted, what it says about the hop
 * before it is believed. The first address that is not trusted is the client; an element that is no address ends the
 * walk at the hop that wrote it. Nothing a client writes itself is ever believed.
 */
@WorkerConfined
public final class ClientAddress {
    /** Where the client's address is read from. */
    public enum Source {
        /** The connection itself. */
        PEER,
        /** X-Forwarded-For. */
        X_FORWARDED_FOR,
        /** Forwarded, RFC 7239. */
        FORWARDED
    }

    private static final int HOPS_MAX = 64;

    private final byte[] address = new byte[AddressText.BYTES];
    private final byte[] candidate = new byte[AddressText.BYTES];
    private boolean isPeerTrusted;

    /** Makes a finder, to be used again and again. */
    public ClientAddress() {}

    /** The client's address found last, 16 bytes; changed in place by the next {@link #resolve}. */
    public byte[] address() {
        return address;
    }

    /** Whether the peer of the last {@link #resolve} is trusted. */
    public boolean isPeerTrusted() {
        return isPeerTrusted;
    }

    /**
     * Finds the client of a request.
     *
     * @param peer the connection's other end, 16 bytes
     */
    public void resolve(Source source, TrustedPeers trusted, byte[] peer, RequestHead head) {
        System.arraycopy(peer, 0, address, 0, AddressText.BYTES);
        isPeerTrusted = trusted.contains(peer);
        if (!isPeerTrusted || source == Source.PEER) {
            return;
        }
        KnownField field = source == Source.FORWARDED ? KnownField.FORWARDED : KnownField.X_FORWARDED_FOR;
        Fields fields = head.fields();
        int hops = 0;
        for (int i = fields.count() - 1; i >= 0; i--) {
            if (fields.knownId(i) != field.id() || fields.isEdited(i)) {
                continue;
            }
            int start = fields.valueOffset(i);
            int end = start + fields.valueLength(i);
            while (end > start) {
                int elementStart = elementStart(fields.bytes(), start, end);
                boolean isAddress = source == Source.FORWARDED
                        ? readForwarded(fields.bytes(), elementStart, end)
                        : readNode(fields.bytes(), elementStart, end);
                if (!isAddress || ++hops > HOPS_MAX) {
                    return;
                }
                System.arraycopy(candidate, 0, address, 0, AddressText.BYTES);
                if (!trusted.contains(candidate)) {
                    return;
                }
                end = elementStart - 1;
            }
        }
    }

    // Where the last element before `end` begins. Commas do not occur in node names, quoted or not.
    private static int elementStart(byte[] bytes, int start, int end) {
        int at = end;
        while (at > start && bytes[at - 1] != ',') {
            at--;
        }
        return at;
    }

    // An address, perhaps with a port: 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1], [2001:db8::1]:80.
    private boolean readNode(byte[] bytes, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && ListElements.isBlank(bytes[start])) {
            start++;
        }
        while (end > start && ListElements.isBlank(bytes[end - 1])) {
            end--;
        }
        if (start == end) {
            return false;
        }
        if (bytes[start] == '[') {
            int close = Octets.indexOf(bytes, start, end, (byte) ']');
            return close < end
                    && isPortOrNothing(bytes, close + 1, end)
                    && AddressText.parse(bytes, start + 1, close - start - 1, candidate);
        }
        int colon = Octets.indexOf(bytes, start, end, (byte) ':');
        boolean isOnlyColon = colon < end && Octets.indexOf(bytes, colon + 1, end, (byte) ':') == end;
        if (isOnlyColon) {
            return isPortOrNothing(bytes, colon, end) && AddressText.parse(bytes, start, colon - start, candidate);
        }
        return AddressText.parse(bytes, start, end - start, candidate);
    }

    private static boolean isPortOrNothing(byte[] bytes, int from, int end) {
        if (from == end) {
            return true;
        }
        if (bytes[from] != ':' || end - from < 2 || end - from > 6) {
            return false;
        }
        for (int i = from + 1; i < end; i++) {
            if (!Octets.isDigit(bytes[i])) {
                return false;
            }
        }
        return true;
    }

    // The for= pair of one forwarded-element: pairs joined by semicolons, the value perhaps quoted.
    private boolean readForwarded(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int pairEnd = Octets.indexOf(bytes, at, to, (byte) ';');
            int start = at;
            while (start < pairEnd && ListElements.isBlank(bytes[start])) {
                start++;
            }
            if (Octets.startsWithIgnoreCase(bytes, start, pairEnd - start, "for=")) {
                int valueStart = start + 4;
                int valueEnd = pairEnd;
                while (valueEnd > valueStart && ListElements.isBlank(bytes[valueEnd - 1])) {
                    valueEnd--;
                }
                boolean isQuoted = valueEnd - valueStart >= 2 && bytes[valueStart] == '"' && bytes[valueEnd - 1] == '"';
                return isQuoted ? readNode(bytes, valueStart + 1, valueEnd - 1) : readNode(bytes, valueStart, valueEnd);
            }
            at = pairEnd + 1;
        }
        return false;
    }
}
