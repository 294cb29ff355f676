package io.penstock.config;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Addresses that upstreams of a network may reach. */
public record BackendGrantConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("The network.") @Default("default") String network,

        @Doc("Blocks of addresses, checked after names are resolved.")
        List<Cidr> addresses,

        @Doc("Ports or ranges: 443, 1-65535.") @Default("1-65535")
        List<String> ports,

        @Doc("When it ends.") Optional<Instant> expires,
        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    public BackendGrantConfig {
        addresses = List.copyOf(addresses);
        ports = List.copyOf(ports);
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** Whether the grant opens the address and port; it must be of the upstream's network, enabled and not expired. */
    public boolean opens(byte[] address, int port, Instant now) {
        return enabled
                && expires.map(now::isBefore).orElse(true)
                && addresses.stream().anyMatch(block -> block.contains(address))
                && ports.stream().anyMatch(range -> PortRange.parse(range).contains(port));
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(BackendGrantConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a backend grant; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private String network;
        private List<Cidr> addresses;
        private List<String> ports;
        private Optional<Instant> expires;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(BackendGrantConfig from) {
            name = from.name;
            network = from.network;
            addresses = from.addresses;
            ports = from.ports;
            expires = from.expires;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder network(String value) {
            network = value;
            return this;
        }

        public Builder addresses(Cidr... values) {
            addresses = List.of(values);
            return this;
        }

        public Builder ports(String... values) {
            ports = List.of(values);
            return this;
        }

        public Builder expires(Instant value) {
            expires = Optional.of(value);
            return this;
        }

        public Builder tags(String... values) {
            tags = List.of(values);
            return this;
        }

        public Builder note(String value) {
            note = Optional.of(value);
            return this;
        }

        public Builder enabled(boolean value) {
            enabled = value;
            return this;
        }

        public Builder owner(String value) {
            owner = Optional.of(value);
            return this;
        }

        /** The record; {@link InvalidValueException} names every value that cannot stand. */
        public BackendGrantConfig build() {
            return new BackendGrantConfig(name, network, addresses, ports, expires, tags, note, enabled, owner);
        }
    }
}
