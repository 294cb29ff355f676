package io.penstock.config;

import java.util.Optional;

/** Runs a plugin's hooks. */
@TypeTag("plugin")
public record PluginFilterConfig(
        @Doc("Plugin and range of versions: name@1, name@1.2, name@^1.2, name@~1.2 or name@1.2.3.")
        String use,

        @Doc(
                "The version that the range stood for when the revision was made; filled by the gateway, so that an upload never"
                        + " changes traffic.")
        Optional<String> resolved,

        @Doc("Settings, as the plugin's own schema describes them.")
        Optional<JsonText> config,

        @Doc("What happens to a request whose hook fails; the manifest's word if absent.")
        Optional<OnFailure> onFailure,

        @Doc("Another version for a part of the requests.") Optional<PluginCanary> canary,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements FilterConfig {}
