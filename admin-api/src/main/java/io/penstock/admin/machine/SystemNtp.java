package io.penstock.admin.machine;

import io.penstock.config.Doc;
import java.util.List;

/** Time servers. */
@Doc("Time servers.")
public record SystemNtp(
        @Doc("Their names or addresses; Debian's own pool without any.")
        List<String> servers) {
    public SystemNtp {
        servers = List.copyOf(servers);
        new SettingChecks()
                .each("servers", servers, SettingChecks::isNameOrAddress, "a name or an address")
                .end();
    }
}
