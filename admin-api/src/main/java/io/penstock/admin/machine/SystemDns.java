package io.penstock.admin.machine;

import io.penstock.config.Doc;
import java.util.List;

/** Name servers of the whole machine. */
@Doc("Name servers of the whole machine.")
public record SystemDns(
        @Doc("Their addresses.") List<String> servers,
        @Doc("Domains in which short names are looked for.") List<String> search) {
    public SystemDns {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
        new SettingChecks()
                .each("servers", servers, SettingChecks::isAddress, "an address")
                .each("search", search, SettingChecks::isName, "a domain")
                .end();
    }
}
