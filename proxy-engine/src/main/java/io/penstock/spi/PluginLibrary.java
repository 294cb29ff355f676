package io.penstock.spi;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plugins a gateway knows, for those who operate them: check a package, try a hook, see state and cost, release from
 * quarantine. Every method is called off the workers and may take long; all are safe from any thread.
 */
public interface PluginLibrary {
    /** How scripts run here, e.g. {@code optimised (GraalVM CE 25.0.3)}, {@code interpreted: ...} or {@code not opened}. */
    String mode();

    /**
     * Checks a package: archive, manifest, schema, modules compiled, self-test.
     *
     * @param zip the package's bytes
     * @return what the package is
     * @throws PluginRefusedException with every fault found
     */
    PluginPackage check(byte[] zip) throws PluginRefusedException;

    /** Makes a checked package known, so that configs may use it. Of no effect if it is known already. */
    void add(PluginPackage plugin);

    /** Forgets a version that no config uses. */
    void remove(String name, String version);

    /** The newest known version in a range such as {@code 1}, {@code 1.2} or {@code 1.2.3}; empty if none is known. */
    Optional<String> resolve(String name, String range);

    /** How each known version stands and what it costs. */
    List<PluginStatus> status();

    /** Runs one hook of a known version against a sample request in the real host, beside the traffic. */
    PluginTrial test(PluginTrialRequest request) throws PluginRefusedException;

    /** Ends a quarantine; false if that version is not in quarantine. */
    boolean release(String name, String version);

    /** The last lines of a plugin's log, newest last. */
    List<PluginLogLine> log(String name, int linesMax);

    /** Writes {@code penstock_plugin_*} families in Prometheus text format. */
    void metrics(StringBuilder into);

    /**
     * A checked package.
     *
     * @param name from the manifest
     * @param version from the manifest
     * @param sha256 of the package's bytes, lower-case hex
     * @param zip the package's bytes
     * @param manifest the manifest's text
     * @param hooks the hooks its default export has
     * @param warnings what is allowed and probably not meant
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by its hash where it is compared at all.
    record PluginPackage(
            String name,
            String version,
            String sha256,
            byte[] zip,
            String manifest,
            List<String> hooks,
            List<String> warnings) {
        public PluginPackage {
            hooks = List.copyOf(hooks);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * How a version stands.
     *
     * @param name the plugin
     * @param version the version
     * @param state {@code idle}, {@code serving} or {@code quarantined}
     * @param faults since start, by code
     * @param strikes in the present window
     * @param lastFault the last fault as its author reads it, with file and line of the source; empty for none
     * @param hooks cost of each hook that was called
     * @param contexts how many contexts are open
     * @param quarantined what it is in quarantine for, and since when; absent if it is not
     */
    record PluginStatus(
            String name,
            String version,
            String state,
            Map<String, Long> faults,
            int strikes,
            Optional<String> lastFault,
            List<HookCost> hooks,
            int contexts,
            Optional<Quarantined> quarantined) {}

    /**
     * A quarantine under way.
     *
     * @param since when it began, in milliseconds since 1970
     * @param reason the strike that began it
     */
    record Quarantined(long since, String reason) {}

    /**
     * What a hook costs; times in nanoseconds.
     *
     * @param hook its name
     * @param calls since start
     * @param faults calls that failed
     * @param cpu time inside it, on its worker
     * @param laterRuns how many pieces of script it left to run later: what follows an await, timers, replies
     * @param later time inside each of these
     * @param waits how often it waited for a promise
     * @param waiting time from call to settlement, where it waited
     */
    record HookCost(
            String hook, long calls, long faults, Times cpu, long laterRuns, Times later, long waits, Times waiting) {}

    /** Percentiles and the longest of times, in nanoseconds; all 0 where there was none. */
    record Times(long p50, long p90, long p99, long max) {}

    /** A line that a plugin wrote. Time in milliseconds since 1970; the request id is empty outside a request. */
    record PluginLogLine(long epochMs, String level, String requestId, String text) {}

    /**
     * A sample to try a hook with.
     *
     * @param name the plugin
     * @param version the version
     * @param hook which hook
     * @param config the binding's config as JSON text
     * @param method the request's method
     * @param url path and query
     * @param headers of the request
     * @param body of the request
     * @param responseStatus of the response given to response hooks
     * @param responseHeaders of that response
     * @param responseBody of that response
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record PluginTrialRequest(
            String name,
            String version,
            String hook,
            String config,
            String method,
            String url,
            List<Map.Entry<String, String>> headers,
            byte[] body,
            int responseStatus,
            List<Map.Entry<String, String>> responseHeaders,
            byte[] responseBody) {}

    /**
     * What a trial gave.
     *
     * @param outcome one word: continue, answered, identified or failed
     * @param before the message's head before the hook, a line each
     * @param after the message's head after the hook, a line each
     * @param answer the answer the hook gave, if it did
     * @param fault what went wrong, with file and line of the author's source
     * @param log what the hook wrote
     * @param cpuMicros time on the trial's thread
     */
    record PluginTrial(
            String outcome,
            List<String> before,
            List<String> after,
            Optional<Answer> answer,
            Optional<String> fault,
            List<PluginLogLine> log,
            long cpuMicros) {}
}
