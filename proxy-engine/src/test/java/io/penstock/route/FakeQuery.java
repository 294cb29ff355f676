package io.penstock.route;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A request made of texts. The bytes end where the last text ends, so that a read behind it fails. */
final class FakeQuery implements RouteQuery {
    private record Header(String name, String value, int offset) {}

    private final String method;
    private final String host;
    private final String path;
    private final String query;
    private final List<Header> headers = new ArrayList<>();
    private byte[] bytes;
    private int listenerId;
    private long addressHigh;
    private long addressLow = 0xffff_7f00_0001L;

    private FakeQuery(String method, String host, String path, String query) {
        this.method = method;
        this.host = host;
        this.path = path;
        this.query = query;
        this.bytes = (method + host + query + path).getBytes(StandardCharsets.ISO_8859_1);
    }

    static FakeQuery get(String host, String pathAndQuery) {
        return of("GET", host, pathAndQuery);
    }

    static FakeQuery of(String method, String host, String pathAndQuery) {
        int mark = pathAndQuery.indexOf('?');
        return mark < 0
                ? new FakeQuery(method, host, pathAndQuery, "")
                : new FakeQuery(method, host, pathAndQuery.substring(0, mark), pathAndQuery.substring(mark + 1));
    }

    FakeQuery header(String name, String value) {
        headers.add(new Header(name.toLowerCase(Locale.ROOT), value, bytes.length));
        byte[] added = value.getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[bytes.length + added.length];
        System.arraycopy(bytes, 0, all, 0, bytes.length);
        System.arraycopy(added, 0, all, bytes.length, added.length);
        bytes = all;
        return this;
    }

    FakeQuery listener(int id) {
        listenerId = id;
        return this;
    }

    FakeQuery from(int a, int b, int c, int d) {
        addressHigh = 0;
        addressLow = 0xffffL << 32 | (long) a << 24 | b << 16 | c << 8 | d;
        return this;
    }

    FakeQuery fromV6(long high, long low) {
        addressHigh = high;
        addressLow = low;
        return this;
    }

    String method() {
        return method;
    }

    String host() {
        return host;
    }

    String path() {
        return path;
    }

    String query() {
        return query;
    }

    List<String> values(String lowerCaseName) {
        return headers.stream()
                .filter(header -> header.name().equals(lowerCaseName))
                .map(Header::value)
                .toList();
    }

    byte[] clientAddress() {
        return ByteBuffer.allocate(16).putLong(addressHigh).putLong(addressLow).array();
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int listenerId() {
        return listenerId;
    }

    @Override
    public int methodOffset() {
        return 0;
    }

    @Override
    public int methodLength() {
        return method.length();
    }

    @Override
    public int hostOffset() {
        return method.length();
    }

    @Override
    public int hostLength() {
        return host.length();
    }

    @Override
    public int queryOffset() {
        return method.length() + host.length();
    }

    @Override
    public int queryLength() {
        return query.length();
    }

    @Override
    public int pathOffset() {
        return method.length() + host.length() + query.length();
    }

    @Override
    public int pathLength() {
        return path.length();
    }

    @Override
    public int header(String lowerCaseName, int after) {
        for (int i = after + 1; i < headers.size(); i++) {
            if (headers.get(i).name().equals(lowerCaseName)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int headerOffset(int index) {
        return headers.get(index).offset();
    }

    @Override
    public int headerLength(int index) {
        return headers.get(index).value().getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public long clientAddressHigh() {
        return addressHigh;
    }

    @Override
    public long clientAddressLow() {
        return addressLow;
    }

    @Override
    public String toString() {
        return method + " " + host + path + (query.isEmpty() ? "" : "?" + query) + " " + headers + " listener "
                + listenerId + " from " + SourceText.address(addressHigh, addressLow);
    }
}
