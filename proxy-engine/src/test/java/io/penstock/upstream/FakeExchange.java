package io.penstock.upstream;

import io.penstock.http.Fields;
import io.penstock.http.ResponseHead;
import io.penstock.transport.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An exchange that writes down what it hears, and takes as much body as it is told to. */
final class FakeExchange implements UpstreamStreamHandler {
    final OpenRequest request = new OpenRequest();
    private final List<String> events = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private int appetite = Integer.MAX_VALUE;
    private Runnable onOpened = () -> {};
    private Runnable onHead = () -> {};
    private Runnable onBody = () -> {};
    private Runnable onEnd = () -> {};
    private @Nullable UpstreamStream stream;
    private @Nullable UpstreamFailure failure;

    UpstreamStream stream() {
        if (stream == null) {
            throw new AssertionError("no stream was opened: " + events);
        }
        return stream;
    }

    UpstreamFailure failure() {
        if (failure == null) {
            throw new AssertionError("nothing failed: " + events);
        }
        return failure;
    }

    /** What was heard since the last call of this. */
    List<String> events() {
        List<String> heard = List.copyOf(events);
        events.clear();
        return heard;
    }

    String body() {
        return body.toString();
    }

    /** Takes so many more bytes of body, then no more. */
    FakeExchange takes(int bytes) {
        appetite = bytes;
        return this;
    }

    FakeExchange onOpened(Runnable action) {
        onOpened = action;
        return this;
    }

    FakeExchange onHead(Runnable action) {
        onHead = action;
        return this;
    }

    FakeExchange onBody(Runnable action) {
        onBody = action;
        return this;
    }

    FakeExchange onEnd(Runnable action) {
        onEnd = action;
        return this;
    }

    @Override
    public void streamOpened(UpstreamStream opened) {
        stream = opened;
        events.add(opened.isReused() ? "opened reused" : "opened");
        onOpened.run();
    }

    @Override
    public void informational(ResponseHead head) {
        events.add("informational " + head.status());
    }

    @Override
    public void responseHead(ResponseHead head, boolean isLast) {
        events.add("head " + head.status() + (isLast ? " last" : ""));
        onHead.run();
    }

    @Override
    public int responseBody(Received bytes, int offset, int length) {
        int taken = Math.min(length, appetite);
        appetite -= taken;
        byte[] copy = new byte[taken];
        bytes.buffer().getBytes(offset, copy);
        body.append(new String(copy, StandardCharsets.ISO_8859_1));
        onBody.run();
        return taken;
    }

    @Override
    public void responseEnd(Fields trailers) {
        StringBuilder event = new StringBuilder("end");
        for (int i = 0; i < trailers.count(); i++) {
            event.append(' ').append(trailers.name(i)).append('=').append(trailers.value(i));
        }
        events.add(event.toString());
        onEnd.run();
    }

    @Override
    public void streamSendable() {
        events.add("sendable");
    }

    @Override
    public void streamFailed(UpstreamFailure failed) {
        failure = failed;
        events.add("failed " + failed.reason().code() + " " + failed.retry());
    }
}
