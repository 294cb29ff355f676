package io.penstock.plugin;

import io.penstock.spi.EndpointView;

/** The endpoint of an exchange without traffic. */
record OfflineEndpoint(String upstream, String address, int attempt) implements EndpointView {}
