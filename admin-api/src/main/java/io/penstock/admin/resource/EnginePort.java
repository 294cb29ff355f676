package io.penstock.admin.resource;

import io.penstock.engine.CircuitStatus;
import io.penstock.engine.LimitStatus;
import io.penstock.engine.SampleRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the API asks of the running engine. Every answer is read without asking a worker, so that it comes when workers are
 * saturated or stuck. Any thread but a worker.
 */
public interface EnginePort {
    /** How the engine stands. */
    EngineView engine();

    /** What would become of a sample request. */
    ExplainView explain(ExplainQuery query) throws SampleRefusedException;

    /** What would become of a request that came; empty where no client could send it here any more. */
    default Optional<DecisionView> decision(ExplainQuery query) {
        try {
            return Optional.of(DecisionView.of(explain(query)));
        } catch (SampleRefusedException noSuchListener) {
            return Optional.empty();
        }
    }

    /** Everything observed, in the text format of Prometheus. */
    String metricsText();

    /** Every counter's sum over the workers, by name. */
    Map<String, Long> counters();

    /** Distributions of durations. */
    List<LatencyView> latencies();

    /** A recent request by its id. */
    Optional<TraceView> request(String requestId);

    /** Recent requests, newest first. */
    List<TraceView> requests(boolean failedOnly, int countMax);

    /** Heads of some requests that came, newest first, without credentials, and what would become of each now. */
    List<HeadView> heads(int countMax);

    /** When a request was last known by a consumer's credential, to the minute; empty if not since the start. */
    Optional<Instant> lastUse(String consumer, String credentialId);

    /** Every name that upstreams need. */
    List<DnsView> dns();

    /** Asks for a name again, now; its addresses are served until there are others. Whether the name is known. */
    boolean flushDns(String name);

    /** Every endpoint of an upstream; none if there is no such upstream. */
    List<EndpointView> endpoints(String upstream);

    /** Whether too few endpoints of an upstream are healthy, so that all of them are used. */
    boolean isPanic(String upstream);

    /** How the circuit of an upstream stands; empty if there is no such upstream. */
    Optional<CircuitStatus> circuit(String upstream);

    /** Closes the breaker of an upstream and forgets what it saw. Whether it has one. */
    boolean resetBreaker(String upstream);

    /**
     * How a limit stands; empty where it is not in force.
     *
     * @param key a value for each part of its key; empty for none
     * @throws IllegalArgumentException if the values are not those of a key; the message says why
     */
    Optional<LimitStatus> limit(String name, List<String> key);

    /** Makes these drains the ones in force. Each ends by itself at its time. */
    void drains(List<DrainView> drains);

    /** Makes these words of operators on health the ones in force. Each ends by itself at its time. */
    void healthOverrides(List<HealthOverrideView> overrides);

    /**
     * What an operator says of a target's health for a time.
     *
     * @param target its address as written
     */
    record HealthOverrideView(String upstream, String target, boolean isHealthy, Instant until) {}

    /**
     * A target that takes no new requests for a time.
     *
     * @param target its address as written
     */
    record DrainView(String upstream, String target, Instant until) {}

    /**
     * One address of one target, and whether it takes requests.
     *
     * @param target as written
     * @param name the target's name, or its address
     * @param address where it is; empty while its name is not resolved
     * @param source {@code static} or {@code dns}
     * @param state {@code ready}; or why it takes no requests: {@code disabled}, {@code unresolved}, {@code notGranted},
     *     {@code draining}, {@code weightless}, {@code unhealthy}, {@code ejected} or {@code unchecked}
     * @param drainedUntil when its drain ends, if it is drained
     * @param health absent where it is not watched
     * @param connections open ones over all workers; absent like the other counts where it is not counted by itself
     * @param inFlight requests that it has not answered in full
     * @param counts since it is counted by itself
     */
    record EndpointView(
            String target,
            String name,
            Optional<String> address,
            int weight,
            Optional<String> zone,
            String source,
            String state,
            Optional<Instant> drainedUntil,
            Optional<HealthView> health,
            Optional<EndpointConnections> connections,
            Optional<Long> inFlight,
            Optional<EndpointCounts> counts) {}

    /**
     * How healthy one endpoint is.
     *
     * @param state {@code healthy}, {@code unchecked}, {@code unhealthy} or {@code ejected}
     * @param takesRequests whether health lets it have requests; in a panic it does whatever the state
     * @param why one sentence about how it came to this
     * @param since when the state began
     * @param ejectedUntil when its ejection ends
     * @param ejections how often it was ejected lately
     * @param warmingUntil when its weight is whole again, if it grows
     * @param lastCheck what came of the last check
     */
    record HealthView(
            String state,
            boolean takesRequests,
            String why,
            Instant since,
            Optional<Instant> ejectedUntil,
            int ejections,
            Optional<Instant> warmingUntil,
            Optional<String> lastCheck,
            Optional<Instant> lastCheckAt) {}

    /** Connections to one endpoint, idle ones among the open ones. */
    record EndpointConnections(long open, long idle) {}

    /** What was counted of one endpoint. */
    record EndpointCounts(long tries, long tryFailures, long connects, long connectFailures, long responses5xx) {}

    /**
     * The engine at one moment.
     *
     * @param transport which system interface the workers run on
     * @param transportReason why this one
     * @param cores where the workers run, or {@code any core}
     * @param locality where the gateway stands, as its start says
     * @param phase {@code starting}, {@code serving}, {@code draining} or {@code stopped}
     * @param revision published last, 0 for none
     * @param ready whether every worker serves a revision and none is stuck
     * @param stuckWorkers whose loop has not turned for a second
     * @param stalls how often that has happened
     * @param liveTables route tables alive
     * @param plugins how scripts run here; {@code not opened} as long as no configuration names a plugin
     * @param absentFeatures what configurations may name and this version does not do
     */
    record EngineView(
            String version,
            String transport,
            String transportReason,
            String cores,
            LocalityView locality,
            String phase,
            long revision,
            boolean ready,
            int stuckWorkers,
            long stalls,
            int liveTables,
            List<WorkerView> workers,
            List<ListenerView> listeners,
            String plugins,
            List<String> absentFeatures) {}

    /** Where a gateway stands. */
    record LocalityView(Optional<String> region, Optional<String> zone) {}

    /** One worker and the revision it serves. */
    record WorkerView(int index, long revision, long connections, long activeRequests) {}

    /** One open listener and the address really bound. */
    record ListenerView(String name, String address) {}

    /**
     * A sample request.
     *
     * @param url absolute, or a path with the host among the headers
     * @param headers names and values in order
     * @param listener by which it would come; empty for the first one
     * @param clientAddress from where it would come; empty for 127.0.0.1
     */
    record ExplainQuery(String method, String url, List<HeaderView> headers, String listener, String clientAddress) {}

    /** A header field. */
    record HeaderView(String name, String value) {}

    /**
     * What would become of a sample request.
     *
     * @param winner the route that serves it
     * @param refusal the reason code if it would be refused
     * @param status the status of that refusal
     * @param detail one sentence about the refusal
     * @param canonicalPath what routing sees
     * @param allow methods that would find a route
     * @param parameters what the winner's template took out of the path
     * @param considered routes in the order asked
     * @param leftOut routes that were looked at as well
     * @param phases what would run, in order, and where it was written
     * @param upstream where it would go
     * @param targets endpoints that may take it
     * @param rewritten what the endpoint would be asked for
     */
    record ExplainView(
            Optional<String> winner,
            Optional<String> refusal,
            Optional<Integer> status,
            Optional<String> detail,
            String canonicalPath,
            List<String> allow,
            Map<String, String> parameters,
            List<CandidateView> considered,
            int leftOut,
            List<StepView> phases,
            Optional<String> upstream,
            List<String> targets,
            Optional<String> rewritten) {}

    /**
     * A route that was considered.
     *
     * @param result {@code match} or {@code no}
     * @param because the first condition that failed
     * @param specificity what orders routes, greater first, from left to right
     */
    record CandidateView(String route, String result, Optional<String> because, List<Integer> specificity) {}

    /** What would run, in which phase, and the level that it comes from. */
    record StepView(String phase, String what, String from) {}

    /**
     * The head of a request that came, without credentials.
     *
     * @param at when it came
     * @param url absolute, or {@code *}
     * @param headers in their order, without Host; what could be a credential is {@code ***}
     * @param decision what this version says of it by the configuration that is served now; absent where it cannot be said,
     *     since its listener is no more
     */
    record HeadView(
            Instant at,
            String listener,
            String clientAddress,
            String method,
            String url,
            List<HeaderView> headers,
            Optional<DecisionView> decision) {
        /** The same with what was decided. */
        public HeadView with(Optional<DecisionView> decided) {
            return new HeadView(at, listener, clientAddress, method, url, headers, decided);
        }

        /** The same as something to be explained. */
        public ExplainQuery query() {
            return new ExplainQuery(method, url, headers, listener, clientAddress);
        }
    }

    /**
     * What would become of a request, as far as versions and configurations can be compared by it: without what depends on how endpoints stand.
     *
     * @param route that serves it
     * @param reason the code of the refusal, if it would be refused
     * @param path canonical
     * @param upstream where it would go
     * @param rewritten the path that the endpoint would be asked for
     * @param steps what would run, in order
     */
    record DecisionView(
            Optional<String> route,
            Optional<String> reason,
            String path,
            Optional<String> upstream,
            Optional<String> rewritten,
            List<StepView> steps) {
        /** What an explanation comes to. */
        public static DecisionView of(ExplainView explained) {
            return new DecisionView(
                    explained.winner(),
                    explained.refusal(),
                    explained.canonicalPath(),
                    explained.upstream(),
                    explained.rewritten(),
                    explained.phases().stream()
                            .filter(step -> !step.phase().equals("health"))
                            .toList());
        }
    }

    /** A distribution of durations since the start, in microseconds. */
    record LatencyView(
            String name, long count, long meanUs, long p50Us, long p90Us, long p99Us, long p999Us, long maxUs) {}

    /**
     * A recent request and how it was decided.
     *
     * @param consumer who called: the consumer, or what the credential says of its bearer; empty if nobody is known
     * @param identifiedBy the entry of {@code auth} that said so
     * @param reason the reason code, if it was refused or broken
     * @param plugins what hooks of plugins have cost it, in the order in which they first ran
     * @param pluginsLeftOut how many further hooks ran for which there was no room
     */
    record TraceView(
            String requestId,
            Instant started,
            String clientAddress,
            String method,
            String host,
            String path,
            String listener,
            String route,
            String upstream,
            String target,
            String consumer,
            String identifiedBy,
            int status,
            Optional<String> reason,
            int tries,
            long bytesIn,
            long bytesOut,
            long durationUs,
            Optional<Long> upstreamDurationUs,
            List<TraceStepView> trail,
            List<HookCostView> plugins,
            int pluginsLeftOut) {}

    /**
     * What a hook of a plugin has cost a request.
     *
     * @param plugin name and version
     * @param calls how often it ran: once for each part of a body, once for each try
     * @param cpuUs inside the script, over all calls
     * @param waitedUs how long the request waited for it, over all calls
     * @param outcome {@code continued}, {@code answered}, {@code cancelled} (the request ended while it waited) or
     *     {@code failed}; of several calls, the worst
     * @param code why it failed: the code of the fault
     */
    record HookCostView(
            String plugin, String hook, int calls, long cpuUs, long waitedUs, String outcome, Optional<String> code) {}

    /**
     * One decision.
     *
     * @param elapsedUs since the request's first byte
     */
    record TraceStepView(String step, String verdict, long elapsedUs, String detail, Optional<String> reason) {}

    /**
     * What is known of one name.
     *
     * @param state the word pending, fresh, stale or negative
     * @param why one sentence about how it came to this
     * @param usedBy upstreams that have a target of this name
     */
    record DnsView(
            String name,
            String state,
            List<String> addresses,
            Optional<Duration> ttlLeft,
            Optional<Duration> age,
            Optional<String> lastError,
            Optional<Instant> lastErrorAt,
            String why,
            List<String> usedBy) {}
}
