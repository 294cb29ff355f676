package io.penstock.admin.revision;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What runs a configuration: the engine, or a fake in tests.
 *
 * <p>Only the pipeline's thread calls it, and holds at most one prepared configuration at a time.
 */
public interface ConfigTarget {

    /** Does everything that can fail: compiles, binds sockets, opens filters. No worker notices. May block. */
    PrepareResult prepare(ProxyConfig config);

    /** Lets every worker adopt what was prepared. Does not fail and does not wait for them. */
    Publication publish(Prepared prepared, long revision);

    /** Gives up what was prepared. */
    void discard(Prepared prepared);

    /** A configuration that is ready to be adopted; what is in it is the target's. */
    interface Prepared {}

    /** The outcome of preparing. */
    sealed interface PrepareResult {}

    /**
     * Ready to publish or discard.
     *
     * @param warnings what only the compiled form shows: routes that can never win
     */
    record Ready(Prepared prepared, List<ConfigWarning> warnings) implements PrepareResult {
        public Ready {
            warnings = List.copyOf(warnings);
        }

        public Ready(Prepared prepared) {
            this(prepared, List.of());
        }
    }

    /** Cannot be served as it is. */
    record NotReady(List<ConfigProblem> problems) implements PrepareResult {
        public NotReady {
            problems = List.copyOf(problems);
        }
    }

    /** The adoption under way. Any thread. */
    interface Publication {

        /** Completes when the last worker serves the revision. */
        CompletionStage<Void> active();

        /** Workers that do not serve it yet; 0 once {@link #active} completed. */
        int pendingWorkers();
    }
}
