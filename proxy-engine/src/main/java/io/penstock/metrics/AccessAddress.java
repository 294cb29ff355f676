package io.penstock.metrics;

/** Writes IP addresses, IPv6 in the canonical form of RFC 5952. */
final class AccessAddress {
    private AccessAddress() {}

    static void write(byte[] source, int offset, int length, LineBuffer into) {
        if (length == 4) {
            for (int i = 0; i < 4; i++) {
                if (i > 0) {
                    into.put('.');
                }
                into.number(source[offset + i] & 0xff);
            }
        } else if (length == 16) {
            writeV6(source, offset, into);
        }
    }

    private static void writeV6(byte[] source, int offset, LineBuffer into) {
        int zerosAt = -1;
        int zeros = 1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && group(source, offset, i + run) == 0) {
                run++;
            }
            if (run > zeros) {
                zerosAt = i;
                zeros = run;
            }
        }
        for (int i = 0; i < 8; ) {
            if (i == zerosAt) {
                into.put(':').put(':');
                i += zeros;
                continue;
            }
            if (i > 0 && i != zerosAt + (zerosAt < 0 ? 0 : zeros)) {
                into.put(':');
            }
            into.hex(group(source, offset, i));
            i++;
        }
    }

    private static int group(byte[] source, int offset, int index) {
        return (source[offset + 2 * index] & 0xff) << 8 | (source[offset + 2 * index + 1] & 0xff);
    }
}
