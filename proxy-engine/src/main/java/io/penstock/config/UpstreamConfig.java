package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A named group of targets. */
@Planned("discovery")
public record UpstreamConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("The network its targets are reached by.") @Default("default")
        String network,

        @Doc("How a target is picked.") @Default("roundRobin")
        BalancerType balancer,

        @Doc("What of a request the balancer maglev hashes: clientAddress (the default), path, header:NAME, cookie:NAME"
                + " or query:NAME.")
        Optional<HashKey> hashKey,

        @Doc("The cookie of the balancer sticky.") Optional<StickyConfig> sticky,

        @Doc("Where this gateway is, so that near targets come first.")
        Optional<LocalityConfig> locality,

        @Doc("What the targets speak: auto is what they choose by TLS, and HTTP/1.1 in clear text.") @Default("http1")
        UpstreamProtocol protocol,

        @Doc(
                "Begins each connection to a target with a PROXY header that tells who is behind it; absent: none. Such connections"
                        + " carry one request each.")
        Optional<ProxyVersion> proxyProtocol,

        @Doc("How TLS is spoken with the targets; clear text if absent.")
        Optional<UpstreamTlsConfig> tls,

        @Doc("The addresses.") List<TargetConfig> targets,
        @Doc("How long the gateway waits.") UpstreamTimeouts timeouts,
        @Doc("The connections.") PoolConfig pool,
        @Doc("When a request is sent again.") RetryConfig retries,

        @Doc("How much is asked at once, and when nothing is.")
        CircuitConfig circuit,

        @Doc("How targets that fail are found and left out.")
        HealthConfig health,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    public UpstreamConfig {
        targets = List.copyOf(targets);
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(UpstreamConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a upstream; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private String network;
        private BalancerType balancer;
        private Optional<HashKey> hashKey;
        private Optional<StickyConfig> sticky;
        private Optional<LocalityConfig> locality;
        private UpstreamProtocol protocol;
        private Optional<ProxyVersion> proxyProtocol;
        private Optional<UpstreamTlsConfig> tls;
        private List<TargetConfig> targets;
        private UpstreamTimeouts timeouts;
        private PoolConfig pool;
        private RetryConfig retries;
        private CircuitConfig circuit;
        private HealthConfig health;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(UpstreamConfig from) {
            name = from.name;
            network = from.network;
            balancer = from.balancer;
            hashKey = from.hashKey;
            sticky = from.sticky;
            locality = from.locality;
            protocol = from.protocol;
            proxyProtocol = from.proxyProtocol;
            tls = from.tls;
            targets = from.targets;
            timeouts = from.timeouts;
            pool = from.pool;
            retries = from.retries;
            circuit = from.circuit;
            health = from.health;
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

        public Builder balancer(BalancerType value) {
            balancer = value;
            return this;
        }

        public Builder hashKey(HashKey value) {
            hashKey = Optional.of(value);
            return this;
        }

        public Builder sticky(StickyConfig value) {
            sticky = Optional.of(value);
            return this;
        }

        public Builder locality(LocalityConfig value) {
            locality = Optional.of(value);
            return this;
        }

        public Builder protocol(UpstreamProtocol value) {
            protocol = value;
            return this;
        }

        public Builder proxyProtocol(ProxyVersion value) {
            proxyProtocol = Optional.of(value);
            return this;
        }

        public Builder tls(UpstreamTlsConfig value) {
            tls = Optional.of(value);
            return this;
        }

        public Builder targets(TargetConfig... values) {
            targets = List.of(values);
            return this;
        }

        public Builder timeouts(UpstreamTimeouts value) {
            timeouts = value;
            return this;
        }

        public Builder pool(PoolConfig value) {
            pool = value;
            return this;
        }

        public Builder circuit(CircuitConfig value) {
            circuit = value;
            return this;
        }

        public Builder retries(RetryConfig value) {
            retries = value;
            return this;
        }

        public Builder health(HealthConfig value) {
            health = value;
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
        public UpstreamConfig build() {
            return new UpstreamConfig(
                    name,
                    network,
                    balancer,
                    hashKey,
                    sticky,
                    locality,
                    protocol,
                    proxyProtocol,
                    tls,
                    targets,
                    timeouts,
                    pool,
                    retries,
                    circuit,
                    health,
                    tags,
                    note,
                    enabled,
                    owner);
        }
    }
}
