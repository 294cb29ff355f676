package io.penstock.route;

import java.nio.charset.StandardCharsets;

/** A request for benchmarks and stress tests: the texts in one array, as a parsed head has them, with room behind. */
final class HeadBytes implements RouteQuery {
    private final byte[] bytes;
    private final int hostLength;
    private final int pathLength;

    HeadBytes(String host, String path) {
        this.bytes = ("GET" + host + path + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        this.hostLength = host.length();
        this.pathLength = path.length();
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int listenerId() {
        return 0;
    }

    @Override
    public int methodOffset() {
        return 0;
    }

    @Override
    public int methodLength() {
        return 3;
    }

    @Override
    public int hostOffset() {
        return 3;
    }

    @Override
    public int hostLength() {
        return hostLength;
    }

    @Override
    public int pathOffset() {
        return 3 + hostLength;
    }

    @Override
    public int pathLength() {
        return pathLength;
    }

    @Override
    public int queryOffset() {
        return 0;
    }

    @Override
    public int queryLength() {
        return 0;
    }

    @Override
    public int header(String lowerCaseName, int after) {
        return -1;
    }

    @Override
    public int headerOffset(int index) {
        return 0;
    }

    @Override
    public int headerLength(int index) {
        return 0;
    }

    @Override
    public long clientAddressHigh() {
        return 0;
    }

    @Override
    public long clientAddressLow() {
        return 0xffff_7f00_0001L;
    }
}
