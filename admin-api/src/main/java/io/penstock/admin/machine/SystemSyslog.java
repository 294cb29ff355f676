package io.penstock.admin.machine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.Doc;
import io.penstock.config.HostPort;
import io.penstock.config.PemText;
import java.util.Optional;

/** A server that takes the machine's journal. */
@Doc("A server that takes the machine's journal.")
public record SystemSyslog(
        @Doc("Where it listens, as host:port. Its certificate has to be for that host.")
        HostPort server,

        @Doc("Of whom its certificate must come, in PEM. Absent: whom Debian trusts.")
        Optional<String> ca) {
    private static final int CA_CHARS_MAX = 65_536;
    private static final int CA_COUNT_MAX = 64;

    public SystemSyslog {
        SettingChecks checks = new SettingChecks();
        ca.ifPresent(text -> {
            try {
                if (text.length() > CA_CHARS_MAX
                        || PemText.certificates(text, CA_COUNT_MAX).isEmpty()) {
                    checks.fault("ca", ConfigProblem.BAD_VALUE, "wanted certificates in PEM");
                }
            } catch (PemText.Unreadable unreadable) {
                checks.fault("ca", ConfigProblem.BAD_VALUE, "wanted certificates in PEM: " + unreadable.getMessage());
            }
        });
        checks.end();
    }
}
