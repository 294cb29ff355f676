package io.penstock.config;

import java.util.Optional;

/** One address of an upstream. */
@Planned({"tls"})
public record TargetConfig(
        @Doc("host:port or [v6]:port; a name is resolved and followed.")
        HostPort address,

        @Doc("A name for it in the API and in metrics.") Optional<String> name,

        @Doc("Its part of the traffic beside the others; 0 takes none.") @Default("1")
        int weight,

        @Doc("The zone where it stands.") Optional<String> zone,
        @Doc("The region where it stands.") Optional<String> region) {
    public TargetConfig {
        new ValueChecks().between("weight", weight, 0, 65535).end();
    }

    /** A target with the defaults. */
    public static TargetConfig of(String address) {
        return new TargetConfig(HostPort.parse(address), Optional.empty(), 1, Optional.empty(), Optional.empty());
    }

    /** How the API calls it: its name, or its address. */
    public String label() {
        return name.orElseGet(address::toString);
    }
}
