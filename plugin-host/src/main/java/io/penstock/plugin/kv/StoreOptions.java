package io.penstock.plugin.kv;

import java.nio.file.Path;

/**
 * Where a gateway's plugins keep what they keep, and how much.
 *
 * @param folder gets the file {@code plugin-kv.dat} and its lock
 * @param entriesMax entries of all plugins together
 * @param bytesMax octets of keys and values of all plugins together
 * @param pluginEntriesMax entries of one plugin
 * @param pluginBytesMax octets of keys and values of one plugin
 */
public record StoreOptions(Path folder, int entriesMax, long bytesMax, int pluginEntriesMax, long pluginBytesMax) {
    /** The usual bounds: 200 000 entries and 64 MiB in all, 50 000 and 16 MiB for one plugin. */
    public static StoreOptions in(Path folder) {
        return new StoreOptions(folder, 200_000, 64L << 20, 50_000, 16L << 20);
    }
}
