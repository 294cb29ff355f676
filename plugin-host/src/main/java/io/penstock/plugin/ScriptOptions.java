package io.penstock.plugin;

import io.penstock.plugin.kv.StoreOptions;
import java.util.Optional;
import java.util.function.Function;

/**
 * How scripts are run in this process.
 *
 * @param prepareCpuMs CPU time that loading a module or one setup may take; neither runs on a worker
 * @param setupMs time on the clock that one setup may take
 * @param warmUpMs time that hooks are run with samples before a version's first use, so that traffic meets compiled code
 * @param coldCpuMs CPU budget of an entry into a young context, where it is more than the manifest's: code that has not run
 *     often is interpreted, which takes many times as long, and what becomes machine code is thrown away now and then
 * @param coldMs how long a context is young
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
    /** What a gateway runs with. */
    public static final ScriptOptions DEFAULT =
            new ScriptOptions(5_000, 10_000, 300, 100, 30_000, Optional.empty(), name -> Optional.empty());
}
