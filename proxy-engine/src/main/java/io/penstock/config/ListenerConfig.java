package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where clients connect. */
public record ListenerConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("IP address and port, or unix:/path.") ListenAddress address,
        @Doc("What is spoken on it.") @Default("http") Protocol protocol,

        @Doc("Whether HTTP/2 is spoken too: by prior knowledge on http, by ALPN on https.") @Default("false")
        boolean http2,

        @Doc(
                "Whether an https listener speaks HTTP/3 too, by UDP on the same address and port, and says so to its other clients.")
        @Default("false")
        boolean http3,

        @Doc(
                "Which certificates an https listener may show, the one for all other names first; every enabled one if absent.")
        List<String> certificates,

        @Doc(
                "What of TLS an https listener takes part in: modern, intermediate, or one of tlsPolicies; intermediate if absent.")
        Optional<String> tlsPolicy,

        @Doc(
                "Whether clients of an https listener show a certificate; nobody is asked if absent. Such clients never resume.")
        Optional<ClientCertificateConfig> clientCertificate,

        @Doc("Who accepts the connections.") @Default("reuseport")
        AcceptMode accept,

        @Doc(
                "Whether connections begin with a PROXY header, which is believed of the peers in clientAddress.trusted only.")
        @Default("off")
        ProxyProtocolMode proxyProtocol,

        @Doc("The networks it belongs to.") @Default("default")
        List<String> networks,

        @Doc("Where the client's address is taken from.") ClientAddressConfig clientAddress,
        @Doc("Its bounds.") ListenerLimits limits,
        @Doc("How long it waits.") ListenerTimeouts timeouts,
        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    public ListenerConfig {
        certificates = List.copyOf(certificates);
        networks = List.copyOf(networks);
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name, ListenAddress address) {
        return new Builder(RecordDefaults.of(ListenerConfig.class, Map.of("name", name, "address", address)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a listener; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private ListenAddress address;
        private Protocol protocol;
        private boolean http2;
        private boolean http3;
        private List<String> certificates;
        private Optional<String> tlsPolicy;
        private Optional<ClientCertificateConfig> clientCertificate;
        private AcceptMode accept;
        private ProxyProtocolMode proxyProtocol;
        private List<String> networks;
        private ClientAddressConfig clientAddress;
        private ListenerLimits limits;
        private ListenerTimeouts timeouts;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(ListenerConfig from) {
            name = from.name;
            address = from.address;
            protocol = from.protocol;
            http2 = from.http2;
            http3 = from.http3;
            certificates = from.certificates;
            tlsPolicy = from.tlsPolicy;
            clientCertificate = from.clientCertificate;
            accept = from.accept;
            proxyProtocol = from.proxyProtocol;
            networks = from.networks;
            clientAddress = from.clientAddress;
            limits = from.limits;
            timeouts = from.timeouts;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder address(ListenAddress value) {
            address = value;
            return this;
        }

        public Builder protocol(Protocol value) {
            protocol = value;
            return this;
        }

        public Builder http2(boolean value) {
            http2 = value;
            return this;
        }

        public Builder http3(boolean value) {
            http3 = value;
            return this;
        }

        public Builder certificates(String... values) {
            certificates = List.of(values);
            return this;
        }

        public Builder tlsPolicy(String value) {
            tlsPolicy = Optional.of(value);
            return this;
        }

        public Builder clientCertificate(ClientCertificateConfig value) {
            clientCertificate = Optional.of(value);
            return this;
        }

        public Builder accept(AcceptMode value) {
            accept = value;
            return this;
        }

        public Builder proxyProtocol(ProxyProtocolMode value) {
            proxyProtocol = value;
            return this;
        }

        public Builder networks(String... values) {
            networks = List.of(values);
            return this;
        }

        public Builder clientAddress(ClientAddressConfig value) {
            clientAddress = value;
            return this;
        }

        public Builder limits(ListenerLimits value) {
            limits = value;
            return this;
        }

        public Builder timeouts(ListenerTimeouts value) {
            timeouts = value;
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
        public ListenerConfig build() {
            return new ListenerConfig(
                    name,
                    address,
                    protocol,
                    http2,
                    http3,
                    certificates,
                    tlsPolicy,
                    clientCertificate,
                    accept,
                    proxyProtocol,
                    networks,
                    clientAddress,
                    limits,
                    timeouts,
                    tags,
                    note,
                    enabled,
                    owner);
        }
    }
}
