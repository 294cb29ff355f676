package io.penstock.config;

import java.util.Optional;

/** Delays or refuses a part of the requests, to see what becomes of those who depend on the answers. */
@TypeTag("fault")
public record FaultFilterConfig(
        @Doc("Makes requests wait.") Optional<FaultDelay> delay,
        @Doc("Refuses requests, those that waited too.") Optional<FaultAbort> abort,

        @Doc("Only requests with such a field; absent for all.")
        Optional<FieldMatch> header,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements FilterConfig {}
