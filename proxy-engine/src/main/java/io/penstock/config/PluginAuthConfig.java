package io.penstock.config;

import java.util.Optional;

/** Asks a plugin's {@code authenticate} who calls. Where it fails the request is refused: there is no other way. */
@TypeTag("plugin")
public record PluginAuthConfig(
        @Doc("Plugin and range of versions: name@1, name@1.2 or name@1.2.3.")
        String use,

        @Doc(
                "The version that the range stood for when the revision was made; filled by the gateway, so that an upload never"
                        + " changes traffic.")
        Optional<String> resolved,

        @Doc("Settings, as the plugin's own schema describes them.")
        Optional<JsonText> config,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    /** The same use of the plugin in the words of filters, in which its provider reads it. */
    public PluginFilterConfig asFilter() {
        return new PluginFilterConfig(use, resolved, config, Optional.of(OnFailure.CLOSED), Optional.empty(), enabled);
    }
}
