package io.penstock.config;

import java.util.Optional;

/** A second version of a plugin for a part of the requests, taken back by itself when it does badly. */
public record PluginCanary(
        @Doc("Plugin and range of versions.") String use,

        @Doc("The version that the range stood for when the revision was made; filled by the gateway.")
        Optional<String> resolved,

        @Doc("The part of the requests, 0 to 100.") int percent,

        @Doc("What keeps a client on one side: clientAddress, or header:NAME; by chance if absent.")
        Optional<String> sticky,

        @Doc("When the canary is taken back.") Optional<PluginAbort> abort) {}
