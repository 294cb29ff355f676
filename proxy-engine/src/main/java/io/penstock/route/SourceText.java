package io.penstock.route;

import io.penstock.config.Cidr;
import org.agrona.concurrent.UnsafeBuffer;

/** Addresses and networks as people write them. */
final class SourceText {
    private SourceText() {}

    /** The network of a written source condition. */
    static String network(UnsafeBuffer page, int source) {
        boolean isV6 = page.getByte(source) != 0;
        long low = page.getLong(source + 10);
        return new Cidr(isV6, page.getLong(source + 2), isV6 ? low : low & 0xffff_ffffL, Layout.u8(page, source + 1))
                .toString();
    }

    /** A client's address. */
    static String address(long high, long low) {
        boolean isV6 = high != 0 || low >>> 32 != 0xffff;
        String block = new Cidr(isV6, high, isV6 ? low : low & 0xffff_ffffL, isV6 ? 128 : 32).toString();
        return block.substring(0, block.indexOf('/'));
    }
}
