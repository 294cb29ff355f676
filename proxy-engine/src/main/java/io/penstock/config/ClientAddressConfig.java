package io.penstock.config;

import java.util.List;

/** Who the client is, when others stand between. */
public record ClientAddressConfig(
        @Doc("Where the client's address is taken from.") @Default("peer")
        ClientAddressSource from,

        @Doc("Peers whose forwarding headers, and PROXY headers, are believed; by default none.")
        List<Cidr> trusted) {
    /** What holds when nothing is written. */
    public static final ClientAddressConfig DEFAULTS = RecordDefaults.of(ClientAddressConfig.class);

    public ClientAddressConfig {
        trusted = List.copyOf(trusted);
    }
}
