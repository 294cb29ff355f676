package io.penstock.admin.machine;

import io.penstock.config.Cidr;
import io.penstock.config.Doc;

/** A way to a network. */
@Doc("A way to a network.")
public record SystemRoute(
        @Doc("The network.") Cidr to,
        @Doc("The address that knows the way.") String via) {
    public SystemRoute {
        new SettingChecks()
                .require(SettingChecks.isAddress(via), "via", via, "an address")
                .end();
    }
}
