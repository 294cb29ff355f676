package io.penstock.admin.machine;

import io.penstock.config.Default;
import io.penstock.config.Doc;
import java.util.List;
import java.util.Optional;

/** What the appliance's own system goes by: a machine has all of it, whatever of it was written. */
@Doc("What the appliance's own system goes by.")
public record SystemSettings(
        @Doc("The machine's name.") @Default("penstock") String hostname,

        @Doc("Links with settings of their own, by name or MAC address; the first that fits counts. All others ask"
                + " DHCP.")
        List<SystemLink> network,

        @Doc("Name servers beside those that links bring.") SystemDns dns,
        @Doc("Time servers.") SystemNtp ntp,

        @Doc("Where the machine's journal is sent to, over TLS (RFC 5425).")
        Optional<SystemSyslog> syslog,

        @Doc("Who may log in by ssh.") SystemSsh ssh,
        @Doc("Where the admin API listens, and for whom.") SystemAdmin admin,
        @Doc("The menu on the machine's own console.") SystemConsole console) {
    private static final int HOST_CHARS_MAX = 64;

    public SystemSettings {
        network = List.copyOf(network);
        new SettingChecks()
                .require(
                        SettingChecks.isName(hostname) && hostname.length() <= HOST_CHARS_MAX,
                        "hostname",
                        hostname,
                        "a host name of at most " + HOST_CHARS_MAX + " characters")
                .count("network", network.size())
                .end();
    }
}
