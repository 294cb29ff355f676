package io.penstock.exchange.facts;

import io.penstock.filter.CorsPolicy;
import io.penstock.http.AddressText;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.route.RouteQuery;

/** A parsed head as the route table asks about it: the same bytes, the same offsets. */
@WorkerConfined
public final class RequestLookup implements RouteQuery {
    private final RequestHead head;
    private int listenerId;
    // The field whose value is asked for in place of the method; -1 for the method itself.
    private int methodField = -1;
    private final byte[] clientAddress = new byte[AddressText.BYTES];
    private long clientHigh;
    private long clientLow;

    /** Of the head that a stream reads its requests into. */
    public RequestLookup(RequestHead head) {
        this.head = head;
    }

    /** Takes a copy of the address. */
    public void begin(int listener, byte[] address) {
        listenerId = listener;
        methodField = -1;
        System.arraycopy(address, 0, clientAddress, 0, AddressText.BYTES);
        clientHigh = AddressText.high(clientAddress);
        clientLow = AddressText.low(clientAddress);
    }

    /** Asks for the request that a preflight announces, until {@link #asItself}. */
    public RequestLookup asAnnounced() {
        methodField = CorsPolicy.preflightFor(head.fields());
        return this;
    }

    /** Tells the method of the request again. */
    public RequestLookup asItself() {
        methodField = -1;
        return this;
    }

    /** 16 bytes. */
    public byte[] clientAddress() {
        return clientAddress;
    }

    @Override
    public byte[] bytes() {
        return head.bytes();
    }

    @Override
    public int listenerId() {
        return listenerId;
    }

    @Override
    public int hostOffset() {
        return head.hostOffset();
    }

    @Override
    public int hostLength() {
        return head.hostLength();
    }

    @Override
    public int pathOffset() {
        return head.pathOffset();
    }

    @Override
    public int pathLength() {
        return head.pathLength();
    }

    @Override
    public int queryOffset() {
        return head.queryOffset();
    }

    @Override
    public int queryLength() {
        return head.queryLength();
    }

    @Override
    public int methodOffset() {
        return methodField < 0 ? head.methodOffset() : head.fields().valueOffset(methodField);
    }

    @Override
    public int methodLength() {
        return methodField < 0 ? head.methodLength() : head.fields().valueLength(methodField);
    }

    @Override
    public int header(String lowerCaseName, int after) {
        return head.fields().find(lowerCaseName, after + 1);
    }

    @Override
    public int headerOffset(int index) {
        return head.fields().valueOffset(index);
    }

    @Override
    public int headerLength(int index) {
        return head.fields().valueLength(index);
    }

    @Override
    public long clientAddressHigh() {
        return clientHigh;
    }

    @Override
    public long clientAddressLow() {
        return clientLow;
    }
}
