package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.RevisionRecord;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Revisions as they are made. A reader that went away comes back with the
 * id of the last event it saw and misses nothing that is still kept.
 */
final class EventEndpoint {
    private static final int BACKLOG_MAX = 10_000;

    /** Revisions read before they are sent. */
    private static final int BATCH = 32;

    private final AdminParts parts;
    private final EventStreams streams;

    EventEndpoint(AdminParts parts, EventStreams streams) {
        this.parts = parts;
        this.streams = streams;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.of(
                        "GET", "/v1/events", "streamEvents", "Streams revisions as they are made.", this::events)
                .needs(Verb.READ, "events")
                .takes(QueryParameter.text("after", "The last revision known, such as r41; the newest if absent."))
                .answers(200, Schema.text(), EventStreams.TYPE));
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
        return streams.open(request, new Revisions(Math.max(after, newest - BACKLOG_MAX)));
    }

    /** The revisions after one, some at a time. */
    private final class Revisions implements EventStreams.Feed {
        private long sent;

        Revisions(long after) {
            this.sent = after;
        }

        @Override
        public String next(long nowNs) {
            long newest = parts.pipeline().current().revision();
            StringBuilder events = new StringBuilder();
            for (int n = 0; n < BATCH && sent < newest; n++) {
                sent++;
                parts.store().record(sent).ifPresent(record -> events.append(event(record)));
            }
            return events.toString();
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

    private static long revision(String text) {
        if (!text.matches("r?[0-9]{1,18}")) {
            throw ApiProblem.badParameter("after", "wanted a revision such as r41", "");
        }
        return Long.parseLong(text.replace("r", ""));
    }
}
