package io.penstock.plugin;

import io.penstock.plugin.kv.KeyValues;
import java.util.Optional;
import java.util.function.Function;

/**
 * How scripts are run in this process.
 *
 * @param prepareCpuMs CPU time that loading a module or one setup may take; neither runs on a worker
 * @param setupMs time on the clock that one setup may take
 * @param warmUpMs time that hooks are run with samples before a version's first use, so that traffic meets compiled code
 * @param coldCpuMs CPU budget of a context's first entries, where it is more than the manifest's: code that runs for the first
 *     time is read and interpreted, which takes many times as long
 * @param stores gives a plugin's key-value store by its name, if this gateway has one
 */
public record ScriptOptions(
        int prepareCpuMs, int setupMs, int warmUpMs, int coldCpuMs, Function<String, Optional<KeyValues>> stores) {
    /** What a gateway runs with. */
    public static final ScriptOptions DEFAULT = new ScriptOptions(5_000, 10_000, 300, 50, name -> Optional.empty());
}
