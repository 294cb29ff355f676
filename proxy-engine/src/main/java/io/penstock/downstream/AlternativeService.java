package io.penstock.downstream;

import io.penstock.http.ResponseHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ListenerRuntime;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.agrona.collections.Int2ObjectHashMap;

/** Tells clients that came by TCP where HTTP/3 is spoken (RFC 7838): on the same port, as the listener says it. */
@WorkerConfined
final class AlternativeService {
    private static final String NAME = "alt-svc";

    /** How long a client may remember it, in seconds: a day, as is the RFC's own default. */
    private static final int MAX_AGE_S = 86_400;

    private final Int2ObjectHashMap<byte[]> values = new Int2ObjectHashMap<>();

    /** Adds the field to a response, unless it has its own or the listener speaks no HTTP/3. */
    void tell(ResponseHead head, ListenerRuntime listener, InetSocketAddress localAddress) {
        if (!listener.config().http3() || head.status() < 200 || head.fields().find(NAME) >= 0) {
            return;
        }
        int port = localAddress.getPort();
        byte[] value = values.get(port);
        if (value == null) {
            value = ("h3=\":" + port + "\"; ma=" + MAX_AGE_S).getBytes(StandardCharsets.US_ASCII);
            values.put(port, value);
        }
        head.fields().add("Alt-Svc", value, 0, value.length);
    }
}
