package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Counters and latencies again and again: all of them first, then what has changed. They are read as {@code /v1/stats}
 * reads them, so that who counts never waits for who looks.
 */
final class StatsStreamEndpoint {
    private static final int EVERY_SECONDS_MAX = 60;

    private final AdminParts parts;
    private final EventStreams streams;
    private final Clock clock;

    StatsStreamEndpoint(AdminParts parts, EventStreams streams, Clock clock) {
        this.parts = parts;
        this.streams = streams;
        this.clock = clock;
    }

    List<Endpoint> endpoints() {
        return List.of(Endpoint.of(
                        "GET",
                        "/v1/stats/stream",
                        "streamStats",
                        "Streams counters and latencies: all of them first, then those that have changed.",
                        this::stream)
                .needs(Verb.READ, "stats")
                .takes(QueryParameter.integer("every", "Seconds between two events, 1 to 60.", 1))
                .answers(200, Schema.text(), EventStreams.TYPE));
    }

    private ApiReply stream(ApiRequest request) {
        int seconds = request.query().between("every", 1, EVERY_SECONDS_MAX, 1);
        return streams.open(request, new Readings(Duration.ofSeconds(seconds)));
    }

    /** Readings at an even pace; one that would be empty but for its time is sent all the same, as a sign of life. */
    private final class Readings implements EventStreams.Feed {
        private final long everyNs;
        private final Map<String, Long> told = new HashMap<>();
        private boolean isFirst = true;
        private long dueNs;

        Readings(Duration every) {
            this.everyNs = every.toNanos();
        }

        @Override
        public String next(long nowNs) {
            if (!isFirst && nowNs - dueNs < 0) {
                return "";
            }
            isFirst = false;
            dueNs = nowNs + everyNs;
            ObjectNode data =
                    JsonText.NODES.objectNode().put("at", clock.instant().toString());
            ObjectNode counters = data.putObject("counters");
            parts.engine().counters().forEach((name, value) -> {
                if (!value.equals(told.put(name, value))) {
                    counters.put(name, value);
                }
            });
            ArrayNode latencies = data.putArray("latencies");
            for (EnginePort.LatencyView latency : parts.engine().latencies()) {
                String key = "latency " + latency.name();
                if (!Long.valueOf(latency.count()).equals(told.put(key, latency.count()))) {
                    latencies.add(ConfigJson.write(latency));
                }
            }
            return "event: stats\ndata: " + JsonText.text(data) + "\n\n";
        }
    }
}
