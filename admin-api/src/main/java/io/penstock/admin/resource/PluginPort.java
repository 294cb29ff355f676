package io.penstock.admin.resource;

import io.penstock.spi.PluginLibrary;
import java.util.Optional;

/** What runs plugins, opened when it is first needed: a gateway without plugins pays nothing for them. Any thread. */
public interface PluginPort {
    /** What runs plugins; opens it if need be, which costs seconds. */
    PluginLibrary open();

    /** What runs plugins, if it is open. */
    Optional<PluginLibrary> opened();

    /** How scripts run here, e.g. {@code optimised (...)}; {@code not opened} as long as nothing needed them. */
    default String mode() {
        return opened().map(PluginLibrary::mode).orElse("not opened");
    }
}
