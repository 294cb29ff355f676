package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How many requests may pass. */
@Planned("mode")
public record LimitConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("What has a bucket of its own: clientAddress, route, service, consumer, consumerGroup, header:NAME, "
                + "query:NAME, var:PLUGIN/NAME, or several of them; empty means one bucket for all.")
        List<String> key,

        @Doc("How fast a bucket refills; a limit has a rate, a quota, a concurrency, a bandwidth or several of them.")
        Optional<Rate> rate,

        @Doc("The bucket's size: so many pass at once from idle; one second of rate if absent, at least 1.")
        Optional<Integer> burst,

        @Doc("How many requests may pass in a window of the calendar.")
        Optional<QuotaConfig> quota,

        @Doc("How many requests may be under way at once.") Optional<Integer> concurrency,

        @Doc("How fast bodies may pass, all requests of a key together; they are paced and never cut.")
        Optional<BandwidthConfig> bandwidth,

        @Doc("Whether answers tell in RateLimit and RateLimit-Policy what the limit is and what is left of it.")
        @Default("true")
        boolean headers,

        @Doc("What happens to a key that finds no room in the table of keys.") @Default("allow")
        OnFull onFull,

        @Doc("What becomes of a request that lacks a part of the key.") @Default("share")
        OnMissing onMissing,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements Resource {
    /** The table of keys tells times apart within a few months; a slower bucket would be misread. */
    private static final long FILL_SECONDS_MAX = 52L * 86_400;

    public LimitConfig {
        key = List.copyOf(key);
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .between("burst", burst.orElse(1), 1, 1_000_000_000)
                .between("concurrency", concurrency.orElse(1), 1, 1_000_000)
                .require(
                        rate.isEmpty() || fillSeconds(rate.get(), burst) <= FILL_SECONDS_MAX,
                        "burst",
                        "found a bucket of " + burst.orElse(1) + " at "
                                + rate.map(Rate::toString).orElse("")
                                + ", which takes more than 52 days to fill; wanted a smaller burst or a faster rate")
                .end();
    }

    private static long fillSeconds(Rate rate, Optional<Integer> burst) {
        return burst.orElse(1) * rate.per().toSeconds() / rate.permits();
    }

    /** The bucket's size in permits, written or by default. */
    public long burstPermits() {
        return burst.map(Integer::longValue)
                .orElseGet(() -> rate.map(Rate::permitsPerSecondAtLeastOne).orElse(1L));
    }

    /** The parts of the key; the validator has passed them. */
    public List<LimitKeyPart> keyParts() {
        return key.stream().map(part -> LimitKeyPart.parse(part).orElseThrow()).toList();
    }

    /** Whether the request itself says all of the key, so that the limit is taken before {@code auth}. */
    public boolean isTakenBeforeAuth() {
        return key.stream()
                .flatMap(part -> LimitKeyPart.parse(part).stream())
                .allMatch(LimitKeyPart::isKnownBeforeAuth);
    }

    /** A builder of a rate that holds the defaults. */
    public static Builder named(String name, Rate rate) {
        return new Builder(RecordDefaults.of(LimitConfig.class, Map.of("name", name, "rate", Optional.of(rate))));
    }

    /** A builder of a quota that holds the defaults. */
    public static Builder named(String name, QuotaConfig quota) {
        return new Builder(RecordDefaults.of(LimitConfig.class, Map.of("name", name, "quota", Optional.of(quota))));
    }

    /** A builder of a bound on what is under way at once that holds the defaults. */
    public static Builder named(String name, int concurrency) {
        return new Builder(
                RecordDefaults.of(LimitConfig.class, Map.of("name", name, "concurrency", Optional.of(concurrency))));
    }

    /** A builder of a bandwidth that holds the defaults. */
    public static Builder named(String name, BandwidthConfig bandwidth) {
        return new Builder(
                RecordDefaults.of(LimitConfig.class, Map.of("name", name, "bandwidth", Optional.of(bandwidth))));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Collects the values of a limit; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private List<String> key;
        private Optional<Rate> rate;
        private Optional<Integer> burst;
        private Optional<QuotaConfig> quota;
        private Optional<Integer> concurrency;
        private Optional<BandwidthConfig> bandwidth;
        private boolean headers;
        private OnFull onFull;
        private OnMissing onMissing;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(LimitConfig from) {
            name = from.name;
            key = from.key;
            rate = from.rate;
            burst = from.burst;
            quota = from.quota;
            concurrency = from.concurrency;
            bandwidth = from.bandwidth;
            headers = from.headers;
            onFull = from.onFull;
            onMissing = from.onMissing;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder key(String... values) {
            key = List.of(values);
            return this;
        }

        public Builder rate(Rate value) {
            rate = Optional.of(value);
            return this;
        }

        public Builder burst(Integer value) {
            burst = Optional.of(value);
            return this;
        }

        public Builder quota(QuotaConfig value) {
            quota = Optional.of(value);
            return this;
        }

        public Builder concurrency(Integer value) {
            concurrency = Optional.of(value);
            return this;
        }

        public Builder bandwidth(BandwidthConfig value) {
            bandwidth = Optional.of(value);
            return this;
        }

        public Builder headers(boolean value) {
            headers = value;
            return this;
        }

        public Builder onFull(OnFull value) {
            onFull = value;
            return this;
        }

        public Builder onMissing(OnMissing value) {
            onMissing = value;
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
        public LimitConfig build() {
            return new LimitConfig(
                    name,
                    key,
                    rate,
                    burst,
                    quota,
                    concurrency,
                    bandwidth,
                    headers,
                    onFull,
                    onMissing,
                    tags,
                    note,
                    enabled,
                    owner);
        }
    }
}
