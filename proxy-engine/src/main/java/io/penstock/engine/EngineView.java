package io.penstock.engine;

import io.penstock.config.ProxyConfig;
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
        List<EngineStatus.ListenerStatus> listeners) {}
