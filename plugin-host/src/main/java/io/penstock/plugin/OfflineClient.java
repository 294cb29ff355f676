package io.penstock.plugin;

import io.penstock.spi.ClientView;

/** The client of an exchange without traffic. */
record OfflineClient(String address, int port, String listener, boolean isSecure) implements ClientView {}
