package io.penstock.plugin;

import io.penstock.plugin.kv.StoreOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * How scripts are run in this process.
 *
 * @param prepareCpuMs CPU time that loading a module or one setup may take; neither runs on a worker
 * @param setupMs time on the clock that one setup may take
 * @param warmUpMs time on the processor that hooks are run with samples, at most, before a version's first use, so that traffic meets
 *     compiled code; it ends before, when they are steady
 * @param coldCpuMs CPU budget of an entry into a young context, where it is more than the manifest's: branches that no
 *     sample took are cold, and loading and interpreting them takes many times as long as they will take
 * @param coldMs how long a context is young, if it has been entered often by then
 * @param store where plugins keep what they keep, if they may here
 * @param secrets gives a secret of the gateway by its name
 */
public record ScriptOptions(
        int prepareCpuMs,
        int setupMs,
        int warmUpMs,
        int coldCpuMs,
        int coldMs,
        Optional<StoreOptions> store,
        Function<String, Optional<String>> secrets) {
    /**
     * What a gateway runs with. Measured with {@code YoungContextFigures} of the tests, on two shared cores: CPU time of
     * single entries among the first 20 000 of five kinds of hooks. Without a warm-up a context's longest entry took 14 to
     * 147 ms, the tenth longest 1.1 to 4.6 ms. After 300 ms of it the longest took 0.9 to 3.3 ms and after 1 000 ms 0.7 to
     * 1.5 ms where the samples reach, so that the 5 ms of a manifest are enough; with the cores wanted by eight others, 5 to
     * 8 ms, and interpreted 5 to 21 ms. What no sample reached stays cold: the first use of a URL took 23 to 35 ms, and in a
     * gateway whose cores were wanted by eight others the first fetch and the first random key took more than 50 ms, so that
     * sound plugins lost their first request. So a young context is allowed 200 ms, until the branches in use have been taken.
     */
    public static final ScriptOptions DEFAULT =
            new ScriptOptions(5_000, 10_000, 1_000, 200, 30_000, Optional.empty(), name -> Optional.empty());

    /** The same, with secrets: what gives the value that a name in settings stands for. */
    public ScriptOptions givingSecrets(Function<String, Optional<String>> source) {
        return new ScriptOptions(prepareCpuMs, setupMs, warmUpMs, coldCpuMs, coldMs, store, source);
    }

    /** The same, with a place to keep what plugins keep. */
    public ScriptOptions storingIn(Path folder) {
        return new ScriptOptions(
                prepareCpuMs, setupMs, warmUpMs, coldCpuMs, coldMs, Optional.of(StoreOptions.in(folder)), secrets);
    }
}
