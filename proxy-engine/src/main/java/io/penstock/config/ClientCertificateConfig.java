package io.penstock.config;

import java.util.List;

/** Whether clients of an https listener have to show a certificate, and whose. */
public record ClientCertificateConfig(
        @Doc("Whether a client without one is refused in the handshake, or served as anybody.") @Default("required")
        ClientCertificateMode mode,

        @Doc(
                "The bundles of authorities that sign clients' certificates; with them, the lists of those that count no more.")
        List<String> ca) {
    private static final int BUNDLES_MAX = 16;

    public ClientCertificateConfig {
        ca = List.copyOf(ca);
        new ValueChecks()
                .require(
                        !ca.isEmpty() && ca.size() <= BUNDLES_MAX,
                        "ca",
                        "found " + ca.size() + " bundles, wanted 1 to " + BUNDLES_MAX)
                .end();
    }
}
