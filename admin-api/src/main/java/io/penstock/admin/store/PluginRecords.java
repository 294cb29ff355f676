package io.penstock.admin.store;

import java.util.List;
import java.util.Optional;

/**
 * Versions of plugins on the disk, each with its package. Any thread but a worker; a call that returns is durable, else it
 * throws {@link StoreRefused}.
 *
 * <p>A revision names versions; what a kept revision names is never dropped, so that going back always finds its plugins.
 */
public interface PluginRecords {

    /** Every version, by name, in the order in which they were stored. */
    List<PluginRecord> all();

    /**
     * The package of a version, compared with its hash.
     *
     * @return empty if there is no such version
     */
    Optional<byte[]> content(String name, String version);

    /**
     * Adds a version with its package, and the audit line that says so; of no effect if that version is there already.
     *
     * <p>A copy beside the store is made first, so that the version is there after the store was lost.
     *
     * @return the version that was there already, if one was
     */
    Optional<PluginRecord> put(PluginRecord plugin, byte[] content, AuditEvent event);

    /**
     * Removes a version that no kept revision names, with the audit line that says so.
     *
     * @return the newest revision that names it: nothing was removed then
     */
    Optional<Long> remove(String name, String version, AuditEvent event);
}
