package io.penstock.engine;

import io.penstock.config.ProxyConfig;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Metrics;
import io.penstock.transport.Transport;
import java.util.ArrayList;
import java.util.List;

/**
 * How the control thread's state stands, written by it after every change and read by any thread without waiting: a long
 * preparation must not make an engine look dead.
 *
 * @param phase what the engine is about
 * @param revision published last
 * @param config of that revision
 * @param liveTables route tables alive
 * @param tableBytes native memory of them
 * @param adopted which revision each worker serves
 * @param listeners that are open
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, never written to again.
record EngineView(
        EnginePhase phase,
        long revision,
        ProxyConfig config,
        int liveTables,
        long tableBytes,
        long[] adopted,
        List<EngineStatus.ListenerStatus> listeners) {

    /** The same as others are told it, with what needs no control thread to be known. */
    EngineStatus status(EngineOptions options, Transport transport, Metrics metrics, Watchdog watchdog) {
        List<EngineStatus.WorkerStatus> each = new ArrayList<>();
        for (int index = 0; index < adopted.length; index++) {
            each.add(new EngineStatus.WorkerStatus(
                    index,
                    adopted[index],
                    metrics.counters(index).value(Counter.CONNECTIONS_OPEN),
                    metrics.counters(index).value(Counter.REQUESTS_ACTIVE)));
        }
        return new EngineStatus(
                options.version(),
                transport.name(),
                transport.reason(),
                options.cores().text(),
                options.locality(),
                phase,
                revision,
                watchdog.stuckWorkers(),
                watchdog.stalls(),
                liveTables,
                each,
                listeners,
                EngineStatus.ABSENT_FEATURES);
    }
}
