package io.penstock.admin.backup;

import java.util.List;

/** Which names in a data folder are what a gateway remembers, and which of them a backup holds. */
final class StateFiles {
    /** The store, as a copy that SQLite makes of one moment. */
    static final String STORE = "penstock.db";

    /** Beside the store, copied as they are; each may be absent. */
    static final List<String> COPIED = List.of(
            "secrets.key", "tickets.key", "instance.seed", "quotas", "admin-tls.key", "admin-tls.crt", "acme.orders");

    /** What a copy of the store is called while it is made. */
    static final String DRAFT = "backup.new";

    /** What plugins keep, in a form that their store takes in when it is opened next. */
    static final String PLUGIN_IMAGE = "plugin-kv.image";

    /** What that is called while it is made. */
    static final String PLUGIN_DRAFT = "backup-kv.new";

    private StateFiles() {}

    static boolean isBackedUp(String name) {
        return name.equals(STORE) || name.equals(PLUGIN_IMAGE) || COPIED.contains(name);
    }

    /**
     * Whether a restore takes this out of the way if it brings none of its own: everything that belongs to the state before. Logs, locks
     * and stores that were set aside stay.
     */
    static boolean isState(String name) {
        return isBackedUp(name)
                || name.equals(STORE + "-wal")
                || name.equals(STORE + "-shm")
                || name.startsWith("last-good")
                || isOfPlugins(name)
                || name.equals("quotas.bad")
                || name.equals("setup-token");
    }

    /** Whether it is what plugins keep, in one form or another. */
    static boolean isOfPlugins(String name) {
        return name.startsWith("plugin-kv");
    }
}
