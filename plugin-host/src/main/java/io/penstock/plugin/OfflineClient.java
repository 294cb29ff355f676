package io.penstock.plugin;

import io.penstock.config.IpAddress;
import io.penstock.spi.ClientView;
import java.util.Arrays;

/** The client of an exchange without traffic. */
record OfflineClient(String address, int port, String listener, boolean isSecure) implements ClientView {
    private static final int BYTES = 16;

    @Override
    public byte[] addressBytes() {
        byte[] bytes = IpAddress.of(address).orElseThrow().bytes();
        byte[] wide = new byte[BYTES];
        if (bytes.length < BYTES) {
            Arrays.fill(wide, 10, 12, (byte) 0xff);
        }
        System.arraycopy(bytes, 0, wide, BYTES - bytes.length, bytes.length);
        return wide;
    }
}
