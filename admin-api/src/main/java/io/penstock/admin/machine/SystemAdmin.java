package io.penstock.admin.machine;

import io.penstock.config.Cidr;
import io.penstock.config.Default;
import io.penstock.config.Doc;
import java.util.List;
import java.util.Set;

/** Where the admin API listens, and for whom. */
@Doc("Where the admin API listens, and for whom.")
public record SystemAdmin(
        @Doc("Its port. Another one restarts the gateway, which ends what it serves.") @Default("8443")
        int port,

        @Doc("Networks from which it is reached; empty stands for all.")
        List<Cidr> sources) {
    // ssh, and the gateway's status port.
    private static final Set<Integer> TAKEN = Set.of(22, 8082);

    public SystemAdmin {
        sources = List.copyOf(sources);
        new SettingChecks()
                .require(
                        port >= 1 && port <= 65535 && !TAKEN.contains(port),
                        "port",
                        port + "",
                        "1 to 65535, and neither 22 nor 8082")
                .count("sources", sources.size())
                .end();
    }
}
