package io.penstock.metrics;

/**
 * Why Penstock refused or broke an exchange: a stable code, the status the client sees, and whose fault it is.
 *
 * <p>The codes are a contract: they stand in {@code X-Penstock-Reason}, the access log, the trail and the metrics.
 * A code is never renamed; {@code docs/ERRORS.md} is checked against this list.
 */
public enum Reason {
    // The client's request is not acceptable.
    BAD_REQUEST_LINE("bad-request-line", 400, Side.DOWNSTREAM, "The request line is not METHOD SP TARGET SP HTTP/1.x."),
    BAD_FIELD("bad-field", 400, Side.DOWNSTREAM, "A header or trailer field breaks the grammar of RFC 9110 section 5."),
    BAD_FRAMING("bad-framing", 400, Side.DOWNSTREAM, "Content-Length or Transfer-Encoding is ambiguous or malformed."),
    BAD_CHUNK("bad-chunk", 400, Side.DOWNSTREAM, "The chunked body is malformed."),
    BAD_PATH(
            "bad-path",
            400,
            Side.DOWNSTREAM,
            "The path has a bad escape, NUL, a backslash, a raw fragment or climbs above the root."),
    ENCODED_SLASH(
            "encoded-slash", 400, Side.DOWNSTREAM, "The path holds %2F, %5C or %25 and the route does not allow that."),
    BAD_HOST(
            "bad-host",
            400,
            Side.DOWNSTREAM,
            "Host is missing, doubled, malformed, or differs from the target's authority."),
    MISDIRECTED(
            "misdirected",
            421,
            Side.DOWNSTREAM,
            "The host is one whose clients are asked for another certificate than those of the name that the handshake was for."),
    UNSUPPORTED_VERSION("unsupported-version", 505, Side.DOWNSTREAM, "The HTTP version is neither 1.0 nor 1.1."),
    UNSUPPORTED_TRANSFER_CODING(
            "unsupported-transfer-coding",
            501,
            Side.DOWNSTREAM,
            "Transfer-Encoding names a coding other than chunked."),
    URI_TOO_LONG("uri-too-long", 414, Side.DOWNSTREAM, "The request line is longer than the listener's headBytes."),
    HEAD_TOO_LARGE(
            "head-too-large", 431, Side.DOWNSTREAM, "The head has more bytes or fields than the listener allows."),
    BODY_TOO_LARGE("body-too-large", 413, Side.DOWNSTREAM, "The request body is longer than the route's body.max."),
    BAD_CODING(
            "bad-coding", 400, Side.DOWNSTREAM, "A filter wants the request body decoded, and its coding is broken."),
    CODING_RATIO(
            "coding-ratio",
            413,
            Side.DOWNSTREAM,
            "The request body, decoded for a filter, comes to more than 100 times its coded bytes."),
    TEMPLATE_REFUSED(
            "template-refused",
            400,
            Side.DOWNSTREAM,
            "A value of the request does not fit where a template of the route puts it."),
    MALFORMED_BODY(
            "malformed-body",
            400,
            Side.DOWNSTREAM,
            "The request body is no acceptable JSON or XML, and a filter is to change it."),
    EXPECTATION_FAILED(
            "expectation-failed", 417, Side.DOWNSTREAM, "Expect asks for something other than 100-continue."),
    HEAD_TIMEOUT("head-timeout", 408, Side.DOWNSTREAM, "The request head did not arrive in time."),
    BODY_TIMEOUT("body-timeout", 408, Side.DOWNSTREAM, "The request body made no progress in time."),
    WRITE_TIMEOUT("write-timeout", 499, Side.DOWNSTREAM, "The client took no bytes of the response in time."),
    CLIENT_CLOSED("client-closed", 499, Side.DOWNSTREAM, "The client went away before the response was complete."),
    HTTP2_ERROR("http2-error", 400, Side.DOWNSTREAM, "The client broke the protocol of HTTP/2 (RFC 9113)."),
    HTTP3_ERROR("http3-error", 400, Side.DOWNSTREAM, "The client broke the protocol of HTTP/3 (RFC 9114)."),
    HTTP2_MISBEHAVIOUR(
            "http2-misbehaviour",
            429,
            Side.DOWNSTREAM,
            "The client's connection used up its budget for resets, control frames and empty frames."),
    HTTP2_UNAVAILABLE(
            "http2-unavailable", 400, Side.DOWNSTREAM, "An HTTP/2 preface came where only HTTP/1.1 is spoken."),
    PROXY_HEADER_INVALID(
            "proxy-header-invalid",
            499,
            Side.DOWNSTREAM,
            "A trusted peer's connection begins with a broken PROXY header, or with none where one is required."),
    PROXY_HEADER_TIMEOUT(
            "proxy-header-timeout", 499, Side.DOWNSTREAM, "A trusted peer's PROXY header did not arrive within 5 s."),
    PROXY_HEADER_UNTRUSTED(
            "proxy-header-untrusted",
            499,
            Side.DOWNSTREAM,
            "A connection to a listener that requires PROXY headers came from a peer that is not trusted to send one."),
    CLIENT_HELLO_INVALID(
            "client-hello-invalid",
            499,
            Side.DOWNSTREAM,
            "What a client says first is no ClientHello of TLS, or is too long."),
    CLIENT_HELLO_TIMEOUT("client-hello-timeout", 499, Side.DOWNSTREAM, "A ClientHello did not arrive in time."),
    BAD_GRPC_WEB("bad-grpc-web", 400, Side.DOWNSTREAM, "The text of a gRPC-Web call is not Base64."),
    BAD_UPGRADE(
            "bad-upgrade",
            400,
            Side.DOWNSTREAM,
            "Upgrade stands in a request with a body, names nothing, or asks for a WebSocket by another method than GET."),
    CLEAR_TEXT("clear-text", 400, Side.DOWNSTREAM, "A request came in clear text where TLS is spoken."),
    TUNNEL_REFUSED("tunnel-refused", 405, Side.DOWNSTREAM, "CONNECT is not allowed by any route."),
    // Penstock's own decision.
    LOOP_DETECTED(
            "loop-detected",
            508,
            Side.SELF,
            "The request has passed this gateway several times already: a route leads back to it."),
    NO_ROUTE("no-route", 404, Side.SELF, "No route matches the request."),
    SNI_UNMATCHED(
            "sni-unmatched",
            499,
            Side.SELF,
            "No route of the listener passes on TLS for the server name that is asked for."),
    METHOD_NOT_ALLOWED("method-not-allowed", 405, Side.SELF, "Routes match the host and path, but none the method."),
    UPGRADE_REFUSED(
            "upgrade-refused",
            403,
            Side.SELF,
            "The request asks for a protocol that the route's upgrades do not name."),
    TUNNEL_IDLE("tunnel-idle", 499, Side.SELF, "Nothing went either way of a tunnel for its timeouts.tunnelIdle."),
    TUNNEL_EXPIRED("tunnel-expired", 499, Side.SELF, "A tunnel lasted as long as its timeouts.tunnelLifetime allows."),
    ADDRESS_DENIED("address-denied", 403, Side.SELF, "The route's access lists do not let the client's address pass."),
    MAINTENANCE("maintenance", 503, Side.SELF, "Maintenance is under way."),
    FAULT_INJECTED("fault-injected", 503, Side.SELF, "A fault filter refused or delayed the request on purpose."),
    PREFLIGHT_DENIED(
            "preflight-denied",
            403,
            Side.SELF,
            "The route's cors does not allow the origin, method or fields that a preflight asks for."),
    RATE_LIMITED("rate-limited", 429, Side.SELF, "A rate limit is exhausted for this key."),
    QUOTA_EXHAUSTED("quota-exhausted", 429, Side.SELF, "A quota is used up for this key until its window ends."),
    RATE_TABLE_FULL(
            "rate-table-full", 429, Side.SELF, "The limiter's key table is full and the limit says onFull: refuse."),
    LIMIT_KEY_MISSING(
            "limit-key-missing",
            400,
            Side.SELF,
            "The request lacks a part of a limit's key and the limit says onMissing: refuse."),
    CONCURRENCY_LIMITED(
            "concurrency-limited",
            429,
            Side.SELF,
            "As many requests of this key are under way as a limit allows at once."),
    ADMISSION_QUEUE_FULL(
            "admission-queue-full", 503, Side.SELF, "So many requests go on and wait already that no more may wait."),
    ADMISSION_TIMEOUT("admission-timeout", 503, Side.SELF, "No earlier request ended in time to make room for this."),
    FILTER_REFUSED("filter-refused", 403, Side.SELF, "A filter answered instead of the upstream."),
    FILTER_FAILED("filter-failed", 500, Side.SELF, "A filter failed."),
    CREDENTIAL_INVALID(
            "credential-invalid", 401, Side.SELF, "The request holds a credential that is malformed or nobody's."),
    CREDENTIAL_EXPIRED("credential-expired", 401, Side.SELF, "The request's credential has expired."),
    CREDENTIAL_REPLAYED("credential-replayed", 401, Side.SELF, "The request's signature was used before."),
    CREDENTIAL_INCOMPLETE(
            "credential-incomplete",
            401,
            Side.SELF,
            "The request holds a credential of an allOf, and lacks another that it needs."),
    CONSUMERS_DIFFER(
            "consumers-differ", 403, Side.SELF, "The credentials that an allOf needs are of different consumers."),
    GROUP_REQUIRED("group-required", 403, Side.SELF, "Who calls belongs to no group that the route lets pass."),
    KEYS_UNAVAILABLE("keys-unavailable", 503, Side.SELF, "The keys that tokens are checked with cannot be read."),
    SCOPE_REQUIRED("scope-required", 403, Side.SELF, "The request's token lacks a scope that the route asks for."),
    INTROSPECTION_UNAVAILABLE(
            "introspection-unavailable",
            503,
            Side.SELF,
            "The server that knows of tokens gave no answer that could be read, and nothing is remembered of this one."),
    AUTHORIZER_UNAVAILABLE(
            "authorizer-unavailable",
            503,
            Side.SELF,
            "The server that is asked about each request gave no answer that says yes or no."),
    LOGIN_INVALID(
            "login-invalid",
            400,
            Side.SELF,
            "An answer to a login belongs to none that this browser began here, or came too late."),
    LOGIN_REFUSED("login-refused", 403, Side.SELF, "The issuer did not let the user log in."),
    LOGIN_UNAVAILABLE(
            "login-unavailable",
            503,
            Side.SELF,
            "The issuer cannot be reached, or what it says of itself or of a login cannot be trusted."),
    LOGIN_TOO_LARGE(
            "login-too-large",
            500,
            Side.SELF,
            "What is to be kept of a login does not fit into the cookies of a browser."),
    AUTH_BUSY("auth-busy", 503, Side.SELF, "Too many credentials wait to be checked."),
    UNAUTHENTICATED("unauthenticated", 401, Side.SELF, "No way of the route's auth identified who sent the request."),
    CODINGS_FULL("codings-full", 503, Side.SELF, "The worker already decodes 256 bodies for filters."),
    CONNECTIONS_FULL("connections-full", 503, Side.SELF, "The listener is at its connection limit."),
    DRAINING("draining", 503, Side.SELF, "The gateway is shutting down."),
    TOTAL_TIMEOUT("total-timeout", 504, Side.SELF, "The exchange took longer than the route's timeouts.total."),
    INTERNAL("internal-error", 500, Side.SELF, "A defect in Penstock; the worker goes on."),
    // The upstream failed.
    NO_ENDPOINT("no-endpoint", 503, Side.UPSTREAM, "The upstream has no endpoint that may be used."),
    NO_HEALTHY_ENDPOINT(
            "no-healthy-endpoint",
            503,
            Side.UPSTREAM,
            "Every endpoint that could take the request is unhealthy or ejected."),
    ENDPOINT_NOT_GRANTED("endpoint-not-granted", 503, Side.UPSTREAM, "No backend grant covers the endpoint's address."),
    ENDPOINTS_DRAINING(
            "endpoints-draining", 503, Side.UPSTREAM, "Every endpoint that could take the request is being drained."),
    CIRCUIT_OPEN("circuit-open", 503, Side.UPSTREAM, "The upstream failed too often and is left alone for a while."),
    UPSTREAM_REQUESTS_FULL(
            "upstream-requests-full",
            503,
            Side.UPSTREAM,
            "As many requests as the upstream's circuit.requests allows are under way."),
    UPSTREAM_LIMIT_REACHED(
            "upstream-limit-reached",
            503,
            Side.UPSTREAM,
            "As many requests as the upstream answers in good time, by circuit.adaptive, are under way."),
    POOL_PENDING_FULL(
            "pool-pending-full", 503, Side.UPSTREAM, "Too many requests already wait for an upstream connection."),
    POOL_PENDING_TIMEOUT("pool-pending-timeout", 503, Side.UPSTREAM, "No upstream connection became free in time."),
    CONNECT_FAILED("connect-failed", 502, Side.UPSTREAM, "The endpoint refused the connection or is unreachable."),
    CONNECT_TIMEOUT("connect-timeout", 504, Side.UPSTREAM, "The connection to the endpoint was not made in time."),
    UPSTREAM_TLS_EXPIRED(
            "upstream-tls-expired", 502, Side.UPSTREAM, "The endpoint's certificate is not good any more, or not yet."),
    UPSTREAM_TLS_NAME(
            "upstream-tls-name",
            502,
            Side.UPSTREAM,
            "The endpoint's certificate holds none of the names wanted of it."),
    UPSTREAM_TLS_UNTRUSTED(
            "upstream-tls-untrusted",
            502,
            Side.UPSTREAM,
            "No authority that is believed has signed the endpoint's certificate."),
    UPSTREAM_TLS_REVOKED(
            "upstream-tls-revoked",
            502,
            Side.UPSTREAM,
            "The endpoint's certificate stands in a list of revoked ones of a CA bundle."),
    UPSTREAM_TLS_VERSION(
            "upstream-tls-version", 502, Side.UPSTREAM, "The endpoint speaks none of the wanted versions of TLS."),
    UPSTREAM_TLS_NO_HTTP2(
            "upstream-tls-no-http2",
            502,
            Side.UPSTREAM,
            "The endpoint does not choose HTTP/2 by TLS (ALPN), and its upstream speaks nothing else."),
    UPSTREAM_TLS_FAILED("upstream-tls-failed", 502, Side.UPSTREAM, "The TLS handshake with the endpoint failed."),
    FIRST_BYTE_TIMEOUT("first-byte-timeout", 504, Side.UPSTREAM, "The endpoint did not begin its answer in time."),
    TRY_TIMEOUT("try-timeout", 504, Side.UPSTREAM, "The try at the endpoint took longer than retries.perTryTimeout."),
    UPSTREAM_IDLE_TIMEOUT(
            "upstream-idle-timeout", 504, Side.UPSTREAM, "The endpoint's answer stopped making progress."),
    UPSTREAM_RESET(
            "upstream-reset", 502, Side.UPSTREAM, "The endpoint closed the connection before its answer was complete."),
    UPSTREAM_PROTOCOL("upstream-protocol", 502, Side.UPSTREAM, "The endpoint's answer breaks HTTP framing or grammar."),
    UPSTREAM_NO_UPGRADE(
            "upstream-no-upgrade",
            502,
            Side.UPSTREAM,
            "The endpoint speaks HTTP/2 and has not said that it takes WebSockets by it; other upgrades HTTP/2 does not know."),
    UPSTREAM_HEAD_TOO_LARGE(
            "upstream-head-too-large", 502, Side.UPSTREAM, "The head of the endpoint's answer is larger than allowed."),
    RESPONSE_BODY_TOO_LARGE(
            "response-body-too-large",
            502,
            Side.UPSTREAM,
            "The body of the endpoint's answer is longer than a filter that reads all of it takes."),
    UPSTREAM_MALFORMED_BODY(
            "upstream-malformed-body",
            502,
            Side.UPSTREAM,
            "The answer's body is no acceptable JSON or XML, and a filter is to change it."),
    UPSTREAM_BAD_CODING(
            "upstream-bad-coding",
            502,
            Side.UPSTREAM,
            "A filter wants the answer's body decoded, and its coding is broken."),
    UPSTREAM_CODING_RATIO(
            "upstream-coding-ratio",
            502,
            Side.UPSTREAM,
            "The answer's body, decoded for a filter, comes to more than 100 times its coded bytes.");

    /** Whose fault it is. */
    public enum Side {
        /** The client's. */
        DOWNSTREAM,
        /** Penstock's own decision or defect. */
        SELF,
        /** The upstream's. */
        UPSTREAM
    }

    private final String code;
    private final int status;
    private final Side side;
    private final String meaning;

    Reason(String code, int status, Side side, String meaning) {
        this.code = code;
        this.status = status;
        this.side = side;
        this.meaning = meaning;
    }

    /** Whether no connection to the endpoint could be made: nothing was sent, and another one may be asked. */
    public boolean isOfConnecting() {
        return switch (this) {
            case CONNECT_FAILED,
                    CONNECT_TIMEOUT,
                    UPSTREAM_TLS_EXPIRED,
                    UPSTREAM_TLS_NAME,
                    UPSTREAM_TLS_UNTRUSTED,
                    UPSTREAM_TLS_REVOKED,
                    UPSTREAM_TLS_VERSION,
                    UPSTREAM_TLS_NO_HTTP2,
                    UPSTREAM_TLS_FAILED -> true;
            default -> false;
        };
    }

    /** The stable code, lower case with hyphens. */
    public String code() {
        return code;
    }

    /** The HTTP status a client sees, 499 where it can see none. */
    public int status() {
        return status;
    }

    /** Whose fault it is. */
    public Side side() {
        return side;
    }

    /** One sentence for the documentation and the refusal's body. */
    public String meaning() {
        return meaning;
    }

    /** Its place in tables of all of them, from 0. */
    @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
    int index() {
        return ordinal();
    }
}
