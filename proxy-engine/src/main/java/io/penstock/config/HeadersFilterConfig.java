package io.penstock.config;

/** Changes header fields. */
@TypeTag("headers")
public record HeadersFilterConfig(
        @Doc("Changes on the way to the upstream.") HeaderEdits request,
        @Doc("Changes on the way to the client.") HeaderEdits response)
        implements FilterConfig {}
