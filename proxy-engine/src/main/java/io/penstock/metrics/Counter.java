package io.penstock.metrics;

import java.util.List;

/** What each worker counts for the whole process; one cell of {@link WorkerCounters} each. */
@SuppressWarnings(
        "ImmutableEnumChecker") // lists of List.of and records of them; the checker knows only its own annotation
public enum Counter {
    CONNECTIONS_ACCEPTED(MetricEntry.counter("penstock_connections_accepted_total", "Client connections accepted.")),
    CONNECTIONS_CLOSED(MetricEntry.counter("penstock_connections_closed_total", "Client connections closed.")),
    CONNECTIONS_REFUSED(MetricEntry.counter(
            "penstock_connections_refused_total",
            "Client connections closed at once because a listener was at its limit.")),
    CONNECTIONS_OPEN(MetricEntry.gauge("penstock_connections_open", "Client connections open now.")),
    HTTP2_CONNECTIONS(MetricEntry.counter("penstock_http2_connections_total", "Client connections that speak HTTP/2.")),
    HTTP2_CONNECTION_ERRORS(MetricEntry.counter(
            "penstock_http2_connection_errors_total",
            "Client connections of HTTP/2 ended because the client broke the protocol.")),
    HTTP2_MISBEHAVIOURS(MetricEntry.counter(
            "penstock_http2_misbehaviours_total",
            "Client connections of HTTP/2 ended because their budget for what only costs was used up.")),
    HTTP2_STREAM_ERRORS(MetricEntry.counter(
            "penstock_http2_stream_errors_total", "Streams of clients ended because the client broke the protocol.")),
    HTTP2_STREAMS_RESET(MetricEntry.counter(
            "penstock_http2_streams_reset_total", "Streams that clients reset while they were open.")),
    HTTP2_STREAMS_REFUSED(MetricEntry.counter(
            "penstock_http2_streams_refused_total",
            "Streams of clients not served because too many were open, or their connection was ending.")),
    HTTP3_CONNECTIONS(MetricEntry.counter("penstock_http3_connections_total", "Client connections that speak HTTP/3.")),
    HTTP3_CONNECTION_ERRORS(MetricEntry.counter(
            "penstock_http3_connection_errors_total",
            "Client connections of HTTP/3 ended because the client broke the protocol.")),
    HTTP3_MISBEHAVIOURS(MetricEntry.counter(
            "penstock_http3_misbehaviours_total",
            "Client connections of HTTP/3 ended because their budget for what only costs was used up.")),
    HTTP3_STREAM_ERRORS(MetricEntry.counter(
            "penstock_http3_stream_errors_total",
            "Streams of HTTP/3 ended or refused because the client broke the protocol.")),
    HTTP3_STREAMS_RESET(MetricEntry.counter(
            "penstock_http3_streams_reset_total", "Streams of HTTP/3 that clients reset before they were answered.")),
    HTTP3_STREAMS_REFUSED(MetricEntry.counter(
            "penstock_http3_streams_refused_total",
            "Streams of HTTP/3 not served because their connection was ending.")),
    QUIC_PACKETS_PASSED_ON(MetricEntry.counter(
            "penstock_quic_packets_passed_on_total",
            "Packets that came to another worker or process than their connection's and were passed on to it.")),
    QUIC_PACKETS_DROPPED(MetricEntry.counter(
            "penstock_quic_packets_dropped_total",
            "Packets of other workers' or processes' connections dropped because too many were on their way.")),
    QUIC_ADDRESSES_ASKED(MetricEntry.counter(
            "penstock_quic_addresses_asked_total",
            "Clients of QUIC asked to show that their address is their own, while many handshakes were under way.")),
    TLS_HANDSHAKES_FULL(Names.TLS_HANDSHAKES, "full"),
    TLS_HANDSHAKES_RESUMED(Names.TLS_HANDSHAKES, "resumed"),
    TLS_FAILURES_TIMEOUT(Names.TLS_FAILURES, "timeout"),
    TLS_FAILURES_CLOSED(Names.TLS_FAILURES, "closed"),
    TLS_FAILURES_CLEAR_TEXT(Names.TLS_FAILURES, "clear-text"),
    TLS_FAILURES_REFUSED(Names.TLS_FAILURES, "refused"),
    TLS_FAILURES_ALERT(Names.TLS_FAILURES, "alert"),
    HTTP_PROOFS(Names.ACME_PROOFS, "http-01"),
    TLS_PROOFS(Names.ACME_PROOFS, "tls-alpn-01"),
    PROXY_HEADERS(MetricEntry.counter(
            "penstock_proxy_headers_total",
            "Connections of peers that may send a PROXY header, once it was read or known not to come.")),
    UPSTREAM_TLS_HANDSHAKES_FULL(Names.UPSTREAM_TLS_HANDSHAKES, "full"),
    UPSTREAM_TLS_HANDSHAKES_RESUMED(Names.UPSTREAM_TLS_HANDSHAKES, "resumed"),
    UPSTREAM_TLS_HANDSHAKES_FAILED(Names.UPSTREAM_TLS_HANDSHAKES, "failed"),
    REQUESTS(MetricEntry.counter("penstock_requests_total", "Requests whose head was read, refused ones included.")),
    REQUESTS_ACTIVE(MetricEntry.gauge("penstock_requests_active", "Requests under way now.")),
    RESPONSES_1XX(Names.RESPONSES, "1xx"),
    RESPONSES_2XX(Names.RESPONSES, "2xx"),
    RESPONSES_3XX(Names.RESPONSES, "3xx"),
    RESPONSES_4XX(Names.RESPONSES, "4xx"),
    RESPONSES_5XX(Names.RESPONSES, "5xx"),
    BYTES_IN(MetricEntry.counter("penstock_received_bytes_total", "Bytes of requests received from clients.")),
    BYTES_OUT(MetricEntry.counter("penstock_sent_bytes_total", "Bytes of responses sent to clients.")),
    TUNNELS(MetricEntry.counter("penstock_tunnels_total", "Exchanges that became a tunnel by an upgrade.")),
    GRPC_WEB_CALLS(MetricEntry.counter("penstock_grpc_web_calls_total", "Calls of gRPC-Web made into calls of gRPC.")),
    PASSTHROUGHS(MetricEntry.counter(
            "penstock_passthroughs_total", "Connections of listeners for tcp and tls passed on to an endpoint.")),
    TUNNELS_OPEN(MetricEntry.gauge(
            "penstock_tunnels_open", "Tunnels open now, those of upgrades and those passed through.")),
    CONTINUES(MetricEntry.counter("penstock_continues_total", "Responses 100 sent to clients that expected one.")),
    UPSTREAM_CONNECTS(MetricEntry.counter("penstock_upstream_connects_total", "Connections opened to endpoints.")),
    UPSTREAM_CONNECT_FAILURES(MetricEntry.counter(
            "penstock_upstream_connect_failures_total", "Connections to endpoints that failed or took too long.")),
    UPSTREAM_REUSES(
            MetricEntry.counter("penstock_upstream_reuses_total", "Requests sent on a connection from a pool.")),
    UPSTREAM_CLOSED(
            MetricEntry.counter("penstock_upstream_closed_total", "Connections to endpoints closed, by either side.")),
    UPSTREAM_CONNECTIONS_OPEN(
            MetricEntry.gauge("penstock_upstream_connections_open", "Connections to endpoints open now.")),
    UPSTREAM_CONNECTIONS_IDLE(MetricEntry.gauge(
            "penstock_upstream_connections_idle", "Connections to endpoints that wait in a pool now.")),
    UPSTREAM_FAILURES(MetricEntry.counter("penstock_upstream_failures_total", "Tries at an endpoint that failed.")),
    UPSTREAM_BYTES_IN(MetricEntry.counter("penstock_upstream_received_bytes_total", "Bytes received from endpoints.")),
    UPSTREAM_BYTES_OUT(MetricEntry.counter("penstock_upstream_sent_bytes_total", "Bytes sent to endpoints.")),
    POOL_PENDING(MetricEntry.gauge("penstock_pool_pending", "Requests that wait for an upstream connection now.")),
    ADMITTED(MetricEntry.counter("penstock_admitted_total", "Requests let in by an admission.")),
    ADMISSION_WAITS(MetricEntry.counter("penstock_admission_waits_total", "Requests that had to wait for admission.")),
    ADMISSION_QUEUED(MetricEntry.gauge("penstock_admission_queued", "Requests that wait for admission now.")),
    RETRIES(MetricEntry.counter("penstock_retries_total", "Requests sent again to an endpoint, all reasons.")),
    RETRIES_STALE(MetricEntry.counter(
            "penstock_retries_stale_total",
            "Requests sent again because a pooled connection had been closed by its endpoint.")),
    MIRRORS(MetricEntry.counter("penstock_mirrored_total", "Copies of requests sent to other services.")),
    MIRROR_FAILURES(MetricEntry.counter(
            "penstock_mirror_failures_total", "Copies of requests that got no complete answer in time.")),
    MIRRORS_DROPPED_BUSY(Names.MIRRORS_DROPPED, "busy"),
    MIRRORS_DROPPED_BODY(Names.MIRRORS_DROPPED, "body"),
    MIRRORS_DROPPED_UNKNOWN(Names.MIRRORS_DROPPED, "no-service"),
    INTROSPECTIONS(Names.INTROSPECTIONS, "asked"),
    INTROSPECTIONS_REMEMBERED(Names.INTROSPECTIONS, "remembered"),
    INTROSPECTIONS_STALE(Names.INTROSPECTIONS, "stale"),
    INTROSPECTIONS_FAILED(Names.INTROSPECTIONS, "failed"),
    FORWARD_AUTHS_PASSED(Names.FORWARD_AUTHS, "passed"),
    FORWARD_AUTHS_ANSWERED(Names.FORWARD_AUTHS, "answered"),
    FORWARD_AUTHS_FAILED(Names.FORWARD_AUTHS, "failed"),
    FORWARD_AUTHS_OPENED(Names.FORWARD_AUTHS, "opened"),
    LOGINS_BEGUN(Names.LOGINS, "begun"),
    LOGINS_DONE(Names.LOGINS, "done"),
    LOGINS_REFRESHED(Names.LOGINS, "refreshed"),
    LOGINS_ENDED(Names.LOGINS, "ended"),
    LOGINS_FAILED(Names.LOGINS, "failed"),
    RETRIES_AFTER_CONNECT_FAILURE(Names.RETRY_CAUSES, "connectFailure"),
    RETRIES_AFTER_RESET(Names.RETRY_CAUSES, "reset"),
    RETRIES_AFTER_TIMEOUT(Names.RETRY_CAUSES, "timeout"),
    RETRIES_AFTER_STATUS(Names.RETRY_CAUSES, "status"),
    HEDGES(MetricEntry.counter("penstock_hedges_total", "Tries begun beside one whose answer was late.")),
    HEDGES_WON(
            MetricEntry.counter("penstock_hedges_won_total", "Answers taken of a try that was begun beside another.")),
    RETRY_BUDGET_REFUSALS(MetricEntry.counter(
            "penstock_retry_budget_refusals_total",
            "Further tries that were not made because the retry budget of their upstream was used up.")),
    CIRCUITS_OPENED(MetricEntry.counter("penstock_circuits_opened_total", "Times the breaker of any upstream opened.")),
    BODIES_COMPRESSED(MetricEntry.counter("penstock_compressed_total", "Bodies of responses compressed for clients.")),
    BODIES_NOT_COMPRESSED(MetricEntry.counter(
            "penstock_compress_full_total",
            "Bodies of responses left as they were because their worker coded 256 already, or the gateway's own were"
                    + " longer than 256 KiB.")),
    COMPRESS_BYTES_IN(MetricEntry.counter("penstock_compress_plain_bytes_total", "Bytes given to compression.")),
    COMPRESS_BYTES_OUT(MetricEntry.counter("penstock_compress_coded_bytes_total", "Bytes that came of compression.")),
    HEARTBEATS(MetricEntry.counter(
            "penstock_worker_heartbeats_total", "Heartbeats of workers' loops, four a second each.")),
    ACCEPTS_EXHAUSTED(MetricEntry.counter(
            "penstock_accepts_exhausted_total", "Times accepting paused because the process was out of descriptors.")),
    SNAPSHOTS_ADOPTED(
            MetricEntry.counter("penstock_snapshots_adopted_total", "Snapshots adopted, summed over workers.")),
    FAULT_DELAYS(MetricEntry.counter(
            "penstock_fault_delays_total",
            "Requests that a fault filter delayed on purpose; what it refuses are refusals.")),
    ACCESS_RECORDS(MetricEntry.counter("penstock_access_records_total", "Access records handed to the log's thread.")),
    ACCESS_RECORDS_DROPPED(MetricEntry.counter(
            "penstock_access_records_dropped_total", "Access records dropped because a worker's ring was full.")),
    ACCESS_RECORDS_TRUNCATED(MetricEntry.counter(
            "penstock_access_records_truncated_total", "Access records with a text cut to fit its slot.")),
    HEADS_KEPT(MetricEntry.counter("penstock_heads_kept_total", "Heads of requests kept for rehearsals.")),
    HEADS_TOO_LARGE(MetricEntry.counter(
            "penstock_heads_too_large_total", "Heads of requests not kept for rehearsals, for more than 4 KiB."));

    /** Entries that several constants share. */
    private static final class Names {
        static final MetricEntry TLS_HANDSHAKES = MetricEntry.counter(
                "penstock_tls_handshakes_total", "TLS handshakes with clients that were done.", "kind");
        static final MetricEntry UPSTREAM_TLS_HANDSHAKES =
                MetricEntry.counter("penstock_upstream_tls_handshakes_total", "TLS handshakes with endpoints.", "kind");
        static final MetricEntry ACME_PROOFS = MetricEntry.counter(
                "penstock_acme_proofs_total", "Proofs of names shown to certificate authorities.", "challenge");
        static final MetricEntry TLS_FAILURES = MetricEntry.counter(
                "penstock_tls_handshake_failures_total",
                "TLS handshakes with clients that came to nothing: not done in time, closed by the client before, a request in clear text instead, refused by the gateway, or by the client with an alert.",
                "cause");
        static final MetricEntry MIRRORS_DROPPED = MetricEntry.counter(
                "penstock_mirrors_dropped_total",
                "Copies of requests that were not sent: too many or too much under way, a body too long, no such service.",
                "why");
        static final MetricEntry INTROSPECTIONS = MetricEntry.counter(
                "penstock_introspections_total",
                "Tokens by where their answer came from: asked of the server, remembered, stale, or failed, which means that the server gave none.",
                "from");
        static final MetricEntry FORWARD_AUTHS = MetricEntry.counter(
                "penstock_forward_auths_total",
                "Requests that an authorizer was asked about: passed, answered in its words, failed for want of an answer, or opened, which passed all the same.",
                "result");
        static final MetricEntry LOGINS = MetricEntry.counter(
                "penstock_logins_total", "What became of logins at issuers of OpenID Connect.", "event");
        static final MetricEntry RESPONSES =
                MetricEntry.counter("penstock_responses_total", "Final responses by class of status.", "class");
        static final MetricEntry RETRY_CAUSES = MetricEntry.counter(
                "penstock_retry_causes_total",
                "Requests sent again to an endpoint, by what the try before came to; those after a stale connection are not among them.",
                "cause");
    }

    private final MetricEntry entry;
    private final List<String> labelValues;

    Counter(MetricEntry entry, String... labelValues) {
        this.entry = entry;
        this.labelValues = List.of(labelValues);
    }

    /** The metric it is part of. */
    public MetricEntry entry() {
        return entry;
    }

    /** Its label values in that metric. */
    public List<String> labelValues() {
        return labelValues;
    }

    /** Its place in tables of all of them, from 0. */
    @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
    int index() {
        return ordinal();
    }
}
