package io.penstock.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What each worker counts for each member of a {@link Family}. */
@SuppressWarnings(
        "ImmutableEnumChecker") // lists of List.of and records of them; the checker knows only its own annotation
public enum SeriesCounter {
    LISTENER_CONNECTIONS(Family.LISTENER, counter("penstock_listener_connections_total", "Connections accepted.")),
    LISTENER_CONNECTIONS_REFUSED(
            Family.LISTENER,
            counter("penstock_listener_connections_refused_total", "Connections closed at once, at the limit.")),
    LISTENER_CONNECTIONS_OPEN(Family.LISTENER, gauge("penstock_listener_connections_open", "Connections open now.")),
    LISTENER_REQUESTS(Family.LISTENER, counter("penstock_listener_requests_total", "Requests.")),
    LISTENER_BYTES_IN(Family.LISTENER, counter("penstock_listener_received_bytes_total", "Bytes of requests.")),
    LISTENER_BYTES_OUT(Family.LISTENER, counter("penstock_listener_sent_bytes_total", "Bytes of responses.")),

    ROUTE_RESPONSES_1XX(Family.ROUTE, Classes.ROUTE, "1xx"),
    ROUTE_RESPONSES_2XX(Family.ROUTE, Classes.ROUTE, "2xx"),
    ROUTE_RESPONSES_3XX(Family.ROUTE, Classes.ROUTE, "3xx"),
    ROUTE_RESPONSES_4XX(Family.ROUTE, Classes.ROUTE, "4xx"),
    ROUTE_RESPONSES_5XX(Family.ROUTE, Classes.ROUTE, "5xx"),
    ROUTE_REFUSALS(
            Family.ROUTE,
            counter(
                    "penstock_route_refusals_total",
                    "Requests that Penstock itself refused or broke off on this route; failures of endpoints and "
                            + "clients that went away are not among them.")),
    ROUTE_BYTES_IN(Family.ROUTE, counter("penstock_route_received_bytes_total", "Bytes of requests.")),
    ROUTE_BYTES_OUT(Family.ROUTE, counter("penstock_route_sent_bytes_total", "Bytes of responses.")),

    UPSTREAM_RESPONSES_1XX(Family.UPSTREAM, Classes.UPSTREAM, "1xx"),
    UPSTREAM_RESPONSES_2XX(Family.UPSTREAM, Classes.UPSTREAM, "2xx"),
    UPSTREAM_RESPONSES_3XX(Family.UPSTREAM, Classes.UPSTREAM, "3xx"),
    UPSTREAM_RESPONSES_4XX(Family.UPSTREAM, Classes.UPSTREAM, "4xx"),
    UPSTREAM_RESPONSES_5XX(Family.UPSTREAM, Classes.UPSTREAM, "5xx"),
    UPSTREAM_TRIES(Family.UPSTREAM, counter("penstock_upstream_tries_total", "Tries, retries included.")),
    UPSTREAM_TRY_FAILURES(Family.UPSTREAM, counter("penstock_upstream_try_failures_total", "Tries that failed.")),
    UPSTREAM_RETRIES(Family.UPSTREAM, counter("penstock_upstream_retries_total", "Tries that followed a failed one.")),
    UPSTREAM_HEDGES(
            Family.UPSTREAM,
            counter("penstock_upstream_hedges_total", "Tries begun beside one whose answer was late.")),
    UPSTREAM_HEDGES_WON(
            Family.UPSTREAM,
            counter("penstock_upstream_hedges_won_total", "Answers taken of a try that was begun beside another.")),
    UPSTREAM_RETRY_BUDGET_REFUSALS(
            Family.UPSTREAM,
            counter(
                    "penstock_upstream_retry_budget_refusals_total",
                    "Further tries that were not made because the retry budget was used up.")),
    UPSTREAM_CIRCUIT_OPENED(
            Family.UPSTREAM,
            counter("penstock_upstream_circuit_opened_total", "Times the breaker of the upstream opened.")),
    UPSTREAM_CIRCUIT_REFUSALS(
            Family.UPSTREAM,
            counter(
                    "penstock_upstream_circuit_refusals_total",
                    "Requests and tries refused because the breaker was open or too many were under way.")),
    UPSTREAM_PENDING(Family.UPSTREAM, gauge("penstock_upstream_pending", "Requests that wait for a connection now.")),
    UPSTREAM_PENDING_REFUSED(
            Family.UPSTREAM,
            counter(
                    "penstock_upstream_pending_refused_total",
                    "Requests refused because too many waited, or too long.")),

    ENDPOINT_TRIES(Family.ENDPOINT, counter("penstock_endpoint_tries_total", "Tries.")),
    ENDPOINT_TRY_FAILURES(Family.ENDPOINT, counter("penstock_endpoint_try_failures_total", "Tries that failed.")),
    ENDPOINT_RESPONSES_5XX(
            Family.ENDPOINT, counter("penstock_endpoint_responses_5xx_total", "Responses with status 5xx.")),
    ENDPOINT_CONNECTS(Family.ENDPOINT, counter("penstock_endpoint_connects_total", "Connections opened.")),
    ENDPOINT_CONNECT_FAILURES(
            Family.ENDPOINT, counter("penstock_endpoint_connect_failures_total", "Connections that failed.")),
    ENDPOINT_CONNECTIONS_OPEN(Family.ENDPOINT, gauge("penstock_endpoint_connections_open", "Connections open now.")),
    ENDPOINT_CONNECTIONS_IDLE(
            Family.ENDPOINT, gauge("penstock_endpoint_connections_idle", "Connections without an exchange now.")),
    ENDPOINT_REQUESTS_ACTIVE(Family.ENDPOINT, gauge("penstock_endpoint_requests_active", "Requests under way now.")),

    BACKEND_RESPONSES_1XX(Family.BACKEND, Classes.BACKEND, "1xx"),
    BACKEND_RESPONSES_2XX(Family.BACKEND, Classes.BACKEND, "2xx"),
    BACKEND_RESPONSES_3XX(Family.BACKEND, Classes.BACKEND, "3xx"),
    BACKEND_RESPONSES_4XX(Family.BACKEND, Classes.BACKEND, "4xx"),
    BACKEND_RESPONSES_5XX(Family.BACKEND, Classes.BACKEND, "5xx"),
    BACKEND_REFUSALS(
            Family.BACKEND,
            counter(
                    "penstock_backend_refusals_total",
                    "Requests that Penstock itself refused after it chose this backend.")),

    LIMIT_TAKEN(Family.LIMIT, Classes.LIMIT, "taken"),
    LIMIT_SKIPPED(Family.LIMIT, Classes.LIMIT, "skipped"),
    LIMIT_RATE_LIMITED(Family.LIMIT, Classes.LIMIT, "rate-limited"),
    LIMIT_QUOTA_EXHAUSTED(Family.LIMIT, Classes.LIMIT, "quota-exhausted"),
    LIMIT_CONCURRENCY_LIMITED(Family.LIMIT, Classes.LIMIT, "concurrency-limited"),
    LIMIT_TABLE_FULL(Family.LIMIT, Classes.LIMIT, "rate-table-full"),
    LIMIT_KEY_MISSING(Family.LIMIT, Classes.LIMIT, "limit-key-missing"),
    LIMIT_PACED_BYTES(
            Family.LIMIT,
            counter("penstock_limit_paced_bytes_total", "Bytes of bodies that passed under the limit's bandwidth.")),
    LIMIT_PACE_WAITS(
            Family.LIMIT, counter("penstock_limit_pace_waits_total", "Times a body waited until more of it was due.")),
    LIMIT_PACED_MILLIS(
            Family.LIMIT,
            counter(
                    "penstock_limit_paced_milliseconds_total",
                    "Time that bodies waited for the limit's bandwidth, of all of them together.")),

    FILTER_CALLS(Family.FILTER, counter("penstock_filter_calls_total", "Calls of hooks of the gateway's own filters.")),
    FILTER_FAILURES(
            Family.FILTER,
            counter(
                    "penstock_filter_failures_total",
                    "Such calls that refused the request or the response, or failed.")),
    FILTER_TIMED_CALLS(
            Family.FILTER,
            counter(
                    "penstock_filter_timed_calls_total",
                    "Such calls of which the time was taken, about each sixteenth.")),
    FILTER_TIMED_NS(
            Family.FILTER,
            counter("penstock_filter_timed_nanoseconds_total", "Time inside those calls of which it was taken."));

    /** Metrics that several constants share; the class of the status is their last label. */
    private static final class Classes {
        static final MetricEntry ROUTE =
                counter("penstock_route_responses_total", "Final responses by class of status.", "class");
        static final MetricEntry BACKEND = counter(
                "penstock_backend_responses_total",
                "Final responses to requests for which this backend of the route was chosen, by class of status.",
                "class");
        static final MetricEntry LIMIT = counter(
                "penstock_limit_requests_total",
                "Requests that a limit was asked for, by what it said: taken, skipped, or the reason of the refusal.",
                "outcome");
        static final MetricEntry UPSTREAM =
                counter("penstock_upstream_responses_total", "Answers of endpoints by class of status.", "class");
    }

    private static final SeriesCounter[] ALL = values();

    private final Family family;
    private final MetricEntry entry;
    private final List<String> labelValues;
    private final int column;

    SeriesCounter(Family family, MetricEntry entry, String... labelValues) {
        this.family = family;
        List<String> labels = new ArrayList<>(family.labels());
        labels.addAll(entry.labels());
        this.entry = new MetricEntry(entry.name(), entry.help(), entry.type(), labels);
        this.labelValues = List.of(labelValues);
        this.column = Columns.next(family);
    }

    /** Whose member is counted. */
    public Family family() {
        return family;
    }

    /** The metric it is part of, the family's labels first. */
    public MetricEntry entry() {
        return entry;
    }

    /** The label values beside those that name the member. */
    public List<String> labelValues() {
        return labelValues;
    }

    /** The counters of a family, in the order of their columns. */
    static List<SeriesCounter> of(Family family) {
        return Arrays.stream(ALL).filter(each -> each.family == family).toList();
    }

    int column() {
        return column;
    }

    static int columns(Family family) {
        return Columns.count(family);
    }

    private static MetricEntry counter(String name, String help, String... labels) {
        return MetricEntry.counter(name, help, labels);
    }

    private static MetricEntry gauge(String name, String help, String... labels) {
        return MetricEntry.gauge(name, help, labels);
    }

    /** Gives out column numbers while the constants are made. */
    private static final class Columns {
        private static final int[] COUNTS = new int[Family.values().length];

        static int next(Family family) {
            return COUNTS[family.index()]++;
        }

        static int count(Family family) {
            return COUNTS[family.index()];
        }
    }

    /** Its place in tables of all of them, from 0. */
    @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
    int index() {
        return ordinal();
    }
}
