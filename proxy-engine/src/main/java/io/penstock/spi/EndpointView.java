package io.penstock.spi;

/** The endpoint that one try goes to. */
public interface EndpointView {
    /** Name of the upstream. */
    String upstream();

    /** Address and port. */
    String address();

    /** Which try of the exchange this is, from 1. */
    int attempt();
}
