package io.penstock.engine;

import io.penstock.config.NodeLocality;
import java.net.SocketAddress;
import java.util.List;

/**
 * How an engine stands at one moment.
 *
 * @param transport which system interface the workers run on
 * @param transportReason why this one and not a better one
 * @param cores where the workers run
 * @param locality where the gateway stands
 * @param revision published last, 0 for none
 * @param stuckWorkers whose loop has not turned for a second
 * @param stalls how often that has happened
 * @param liveTables route tables alive
 * @param absentFeatures what configurations may name and this version does not do
 */
public record EngineStatus(
        String version,
        String transport,
        String transportReason,
        String cores,
        NodeLocality locality,
        EnginePhase phase,
        long revision,
        int stuckWorkers,
        long stalls,
        int liveTables,
        List<WorkerStatus> workers,
        List<ListenerStatus> listeners,
        List<String> absentFeatures) {
    static final List<String> ABSENT_FEATURES = List.of();

    public EngineStatus {
        workers = List.copyOf(workers);
        listeners = List.copyOf(listeners);
        absentFeatures = List.copyOf(absentFeatures);
    }

    /**
     * One worker.
     *
     * @param revision it serves
     */
    public record WorkerStatus(int index, long revision, long connections, long activeRequests) {}

    /**
     * One listener that is open.
     *
     * @param address really bound, with the port that the system chose where 0 was written
     */
    public record ListenerStatus(String name, SocketAddress address) {}
}
