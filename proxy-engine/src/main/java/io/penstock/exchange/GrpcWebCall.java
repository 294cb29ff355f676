package io.penstock.exchange;

import io.penstock.exchange.facts.PeerAddress;
import io.penstock.http.Base64Parts;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.GrpcWebFields;
import io.penstock.http.GrpcWebFields.Form;
import io.penstock.http.RequestHead;
import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.transport.Received;
import io.penstock.transport.proxy.ProxyHeader;
import io.penstock.transport.tls.TlsFacts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client of gRPC-Web, to its exchange one of gRPC: stands between the exchange and the client's stream, where the route says
 * so, so that filters, limits, refusals and the endpoint meet a call like any other.
 *
 * <p>Messages pass as they are, in Base64 where the client wants a text: each part by itself, so that it arrives when it was
 * sent. Trailers, and an outcome that gRPC would have put into a head alone, become the last frame of the body: 0x80, its
 * length, and lines as HTTP/1 has them (PROTOCOL-WEB.md of the gRPC project). In a head a page of another origin could not
 * read them.
 */
@WorkerConfined
final class GrpcWebCall implements DownstreamStream {
    private static final byte TRAILERS = (byte) 0x80;
    private static final int PREFIX_BYTES = 5;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final Base64Parts decoder = new Base64Parts();

    /** Null while this exchange is none of gRPC-Web. */
    private @Nullable DownstreamStream client;

    private Form asked = Form.NONE;
    private Form wanted = Form.NONE;
    private boolean isTranslated;

    GrpcWebCall(Exchange exchange, ExchangeContext context) {
        this.exchange = exchange;
        this.context = context;
    }

    /** Steps in between, where the route and the request are for it. @return what the exchange speaks with */
    DownstreamStream begin(RouteRuntime route, RequestHead request, DownstreamStream stream) {
        if (!route.translatesGrpcWeb()) {
            return stream;
        }
        asked = GrpcWebFields.formOf(request);
        if (asked == Form.NONE) {
            return stream;
        }
        wanted = GrpcWebFields.wantedBy(request, asked);
        GrpcWebFields.becomeCall(request, asked);
        context.meters().counters().add(Counter.GRPC_WEB_CALLS);
        client = stream;
        return this;
    }

    private DownstreamStream client() {
        DownstreamStream stream = client;
        if (stream == null) {
            throw new IllegalStateException("the exchange is none of gRPC-Web");
        }
        return stream;
    }

    // ---- from the client ----

    /** A part of the request's body, as it came. */
    void requestBody(Received bytes, int offset, int length) {
        if (asked != Form.TEXT) {
            exchange.relay().requestBody(bytes, offset, length);
            return;
        }
        GrpcWebMemory memory = context.grpcWeb();
        if (!memory.decode(decoder, bytes, offset, length)) {
            refuse("the body holds something that is not Base64");
        } else if (memory.length() > 0) {
            exchange.relay().requestBody(memory, 0, memory.length());
        }
    }

    /** The request's body is complete. */
    void requestEnd(Fields trailers) {
        if (decoder.isWhole()) {
            exchange.relay().requestEnd(trailers);
        } else {
            refuse("the body ends within a group of four characters of Base64");
        }
    }

    private void refuse(String detail) {
        client().closeAfterwards();
        exchange.refuse(Reason.BAD_GRPC_WEB, detail);
    }

    // ---- to the client ----

    @Override
    public void sendHead(ResponseHead head, boolean isLast) {
        isTranslated = GrpcWebFields.isAnswer(head);
        if (!isTranslated) {
            client().sendHead(head, isLast);
            return;
        }
        GrpcWebFields.becomeWeb(head, wanted);
        if (!isLast) {
            head.framing(-1, true);
            client().sendHead(head, false);
            return;
        }
        ByteBuilder outcome = outcome(head.fields());
        if (outcome.length() == 0) {
            client().sendHead(head, true);
            return;
        }
        head.framing(outcome.length(), false);
        client().sendHead(head, false);
        client().sendBody(outcome.array(), 0, outcome.length());
        client().sendEnd(context.noFields());
    }

    // Takes out of a head what became of the call; empty if it does not say.
    private ByteBuilder outcome(Fields fields) {
        ByteBuilder frame = context.grpcWeb().frame();
        for (int i = 0; i < fields.count(); i++) {
            if (GrpcWebFields.isOutcome(fields, i)) {
                line(fields, i, frame);
                fields.remove(i--);
            }
        }
        return finish(frame);
    }

    private ByteBuilder trailers(Fields fields) {
        ByteBuilder frame = context.grpcWeb().frame();
        for (int i = 0; i < fields.count(); i++) {
            if (GrpcWebFields.isTrailer(fields, i)) {
                line(fields, i, frame);
            }
        }
        return finish(frame);
    }

    private static void line(Fields fields, int index, ByteBuilder frame) {
        if (frame.length() == 0) {
            frame.append(TRAILERS)
                    .append((byte) 0)
                    .append((byte) 0)
                    .append((byte) 0)
                    .append((byte) 0);
        }
        GrpcWebFields.appendLine(fields, index, frame);
    }

    private ByteBuilder finish(ByteBuilder frame) {
        if (frame.length() == 0) {
            return frame;
        }
        int length = frame.length() - PREFIX_BYTES;
        for (int i = PREFIX_BYTES - 1; i > 0; i--) {
            frame.array()[i] = (byte) length;
            length >>= Byte.SIZE;
        }
        return wanted == Form.TEXT ? context.grpcWeb().encode(frame.array(), 0, frame.length()) : frame;
    }

    @Override
    public void sendBody(Received bytes, int offset, int length) {
        if (isTranslated && wanted == Form.TEXT) {
            ByteBuilder text = context.grpcWeb().encode(bytes.buffer(), offset, length);
            client().sendBody(text.array(), 0, text.length());
        } else {
            client().sendBody(bytes, offset, length);
        }
    }

    @Override
    public void sendBody(byte[] bytes, int offset, int length) {
        if (isTranslated && wanted == Form.TEXT) {
            ByteBuilder text = context.grpcWeb().encode(bytes, offset, length);
            client().sendBody(text.array(), 0, text.length());
        } else {
            client().sendBody(bytes, offset, length);
        }
    }

    @Override
    public void sendEnd(Fields trailers) {
        if (!isTranslated) {
            client().sendEnd(trailers);
            return;
        }
        ByteBuilder frame = trailers(trailers);
        if (frame.length() > 0) {
            client().sendBody(frame.array(), 0, frame.length());
        }
        client().sendEnd(context.noFields());
    }

    // ---- the rest is the client's own ----

    @Override
    public ListenerRuntime listener() {
        return client().listener();
    }

    @Override
    public PeerAddress peer() {
        return client().peer();
    }

    @Override
    public InetSocketAddress localAddress() {
        return client().localAddress();
    }

    @Override
    public ProxyHeader proxyHeader() {
        return client().proxyHeader();
    }

    @Override
    public boolean isSecure() {
        return client().isSecure();
    }

    @Override
    public @Nullable TlsFacts tls() {
        return client().tls();
    }

    @Override
    public byte[] protocol() {
        return client().protocol();
    }

    @Override
    public void sendInformational(ResponseHead head) {
        client().sendInformational(head);
    }

    @Override
    public boolean isSendable() {
        return client().isSendable();
    }

    @Override
    public void demand(boolean wanted) {
        client().demand(wanted);
    }

    @Override
    public void closeAfterwards() {
        client().closeAfterwards();
    }

    @Override
    public void becomeTunnel() {
        client().becomeTunnel();
    }

    @Override
    public void tunnelEnded() {
        client().tunnelEnded();
    }

    @Override
    public void reset() {
        client().reset();
    }

    /** The exchange has ended. */
    void clear() {
        if (client != null) {
            client = null;
            asked = Form.NONE;
            wanted = Form.NONE;
            isTranslated = false;
            decoder.clear();
        }
    }

    /** Whether the exchange is one of gRPC-Web. */
    boolean isBegun() {
        return client != null;
    }
}
