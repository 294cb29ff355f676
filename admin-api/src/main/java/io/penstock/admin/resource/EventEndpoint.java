package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.RevisionRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Revisions as they are made, as server-sent events (WHATWG HTML section 9.2). A reader that went away comes back with the
 * id of the last event it saw and misses nothing that is still kept.
 */
final class EventEndpoint {
    private static final String TYPE = "text/event-stream";
    private static final int STREAMS_MAX = 64;
    private static final int BACKLOG_MAX = 10_000;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    /** The reader connects again on its own; a bound frees what nobody closes. */
    private static final Duration LIFE_MAX = Duration.ofHours(1);

    private final AdminParts parts;
    private final Semaphore streams = new Semaphore(STREAMS_MAX);
    private volatile boolean closing;

    EventEndpoint(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.of(
                        "GET", "/v1/events", "streamEvents", "Streams revisions as they are made.", this::events)
                .needs(Verb.READ, "events")
                .takes(QueryParameter.text("after", "The last revision known, such as r41; the newest if absent."))
                .answers(200, Schema.text(), TYPE));
    }

    /** Ends every stream within a moment. */
    void close() {
        closing = true;
    }

    private ApiReply events(ApiRequest request) {
        if (!request.principal().may(Verb.READ, "config", List.of())) {
            throw ApiProblem.of(
                    403, "forbidden", "Your token sees only resources with its tags, and revisions hold all");
        }
        long newest = parts.pipeline().current().revision();
        long after = request.header("Last-Event-ID")
                .or(() -> request.query().one("after"))
                .map(EventEndpoint::revision)
                .orElse(newest);
        if (!streams.tryAcquire()) {
            throw ApiProblem.of(503, "too-many-streams", "At most " + STREAMS_MAX + " event streams are open at once")
                    .header("Retry-After", "5");
        }
        long first = Math.max(after, newest - BACKLOG_MAX);
        return ApiReply.stream(TYPE, out -> {
                    try {
                        stream(out, first);
                    } finally {
                        streams.release();
                    }
                })
                .with("Cache-Control", "no-store");
    }

    private void stream(OutputStream out, long after) throws IOException {
        long start = System.nanoTime();
        long lastSentNs = start;
        long sent = after;
        send(out, "retry: 1000\n\n");
        while (!closing && System.nanoTime() - start < LIFE_MAX.toNanos()) {
            long newest = parts.pipeline().current().revision();
            for (long number = sent + 1; number <= newest && !closing; number++) {
                Optional<RevisionRecord> record = parts.store().record(number);
                if (record.isPresent()) {
                    send(out, event(record.get()));
                    lastSentNs = System.nanoTime();
                }
            }
            sent = Math.max(sent, newest);
            if (System.nanoTime() - lastSentNs > HEARTBEAT.toNanos()) {
                // A comment: it tells both sides that the other is still there.
                send(out, ": \n\n");
                lastSentNs = System.nanoTime();
            }
            try {
                TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static String event(RevisionRecord record) {
        ObjectNode data = ConfigJson.write(record.summary());
        ArrayNode resources = data.putArray("resources");
        record.changes().stream()
                .limit(1000)
                .forEach(change -> resources.add(change.key().path()));
        return "id: r" + record.number() + "\nevent: revision\ndata: " + JsonText.text(data) + "\n\n";
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static long revision(String text) {
        if (!text.matches("r?[0-9]{1,18}")) {
            throw ApiProblem.badParameter("after", "wanted a revision such as r41", "");
        }
        return Long.parseLong(text.replace("r", ""));
    }
}
