package io.penstock.admin.revision;

import java.util.List;
import java.util.Optional;

/** Which versions of plugins are stored. */
public interface PluginVersions {

    /** The stored versions of a plugin, older first; none if there is no such plugin. Does not wait. */
    List<String> versionsOf(String name);

    /**
     * Makes a stored version ready to be opened by a configuration that names it. May wait for the disk.
     *
     * @return why it cannot be, if so
     */
    Optional<String> makeReady(String name, String version);

    /** The variables of other plugins that a stored version needs, as its manifest says: {@code token-guard/tenant}. */
    List<String> requires(String name, String version);
}
