package io.penstock.admin.machine;

import io.penstock.config.Cidr;
import io.penstock.config.Default;
import io.penstock.config.Doc;
import java.util.List;
import java.util.regex.Pattern;

/** Who may log in by ssh: root, by key alone. */
@Doc("Who may log in by ssh: root, by key alone.")
public record SystemSsh(
        @Doc("Whether ssh is there at all; without a key it is not.") @Default("true")
        boolean enabled,

        @Doc("OpenSSH public keys.") List<String> keys,

        @Doc("Networks from which it is reached; empty stands for all.")
        List<Cidr> sources) {
    private static final Pattern KEY = Pattern.compile(
            "(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp[0-9]+|sk-[a-z0-9-]+@openssh\\.com) [A-Za-z0-9+/=]{16,8192}( ["
                    + " -~]{0,256})?");

    public SystemSsh {
        keys = List.copyOf(keys);
        sources = List.copyOf(sources);
        new SettingChecks()
                .each("keys", keys, text -> KEY.matcher(text).matches(), "an OpenSSH public key")
                .count("sources", sources.size())
                .end();
    }
}
