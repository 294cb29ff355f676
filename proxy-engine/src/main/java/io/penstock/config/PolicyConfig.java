package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A named bundle that services and routes name. */
@Planned({"cache", "validation"})
public record PolicyConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("Limits, by name, beside those of outer levels.")
        List<String> limits,

        @Doc("Filters, inside those of outer levels.") List<FilterConfig> filters,

        @Doc("Ways to find out who calls, instead of those of outer levels; empty for theirs.")
        List<AuthConfig> auth,

        @Doc("Which addresses may pass, instead of the lists of outer levels; null for no lists.")
        Setting<AccessConfig> access,

        @Doc("Which pages of other origins may read the answers, instead of what outer levels say; null for none.")
        Setting<CorsConfig> cors,

        @Doc("Refuses requests while work is being done, instead of what outer levels say; null for no maintenance.")
        Setting<MaintenanceConfig> maintenance,

        @Doc("Error pages, by name, instead of those of outer levels; null for none.")
        Setting<List<String>> errorPages,

        @Doc("How many exchanges go on at once and who waits, instead of what outer levels say; null for no bound.")
        Setting<AdmissionConfig> admission,

        @Doc(
                "Headers that tell the upstream who calls, instead of what outer levels say; null for none. Where no level says"
                        + " anything: X-Consumer-Name, X-Consumer-Groups and X-Consumer-Subject.")
        Setting<IdentityHeadersConfig> identityHeaders,

        @Doc("How long an exchange may take.") RouteTimeouts timeouts,
        @Doc("What request bodies may be.") BodyConfig body,
        @Doc("When a request is sent again.") RouteRetries retries,
        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements LevelConfig, Resource {
    public PolicyConfig {
        limits = List.copyOf(limits);
        filters = List.copyOf(filters);
        auth = List.copyOf(auth);
        tags = List.copyOf(tags);
        new ValueChecks().resource(name, tags, note, owner).end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(PolicyConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    @Override
    public PolicyConfig with(List<FilterConfig> otherFilters, List<AuthConfig> otherAuth) {
        return toBuilder()
                .filters(otherFilters.toArray(FilterConfig[]::new))
                .auth(otherAuth.toArray(AuthConfig[]::new))
                .build();
    }

    /** Collects the values of a policy; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private List<String> limits;
        private List<FilterConfig> filters;
        private List<AuthConfig> auth;
        private Setting<AccessConfig> access;
        private Setting<CorsConfig> cors;
        private Setting<MaintenanceConfig> maintenance;
        private Setting<List<String>> errorPages;
        private Setting<AdmissionConfig> admission;
        private Setting<IdentityHeadersConfig> identityHeaders;
        private RouteTimeouts timeouts;
        private BodyConfig body;
        private RouteRetries retries;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(PolicyConfig from) {
            name = from.name;
            limits = from.limits;
            filters = from.filters;
            auth = from.auth;
            access = from.access;
            cors = from.cors;
            maintenance = from.maintenance;
            errorPages = from.errorPages;
            admission = from.admission;
            identityHeaders = from.identityHeaders;
            timeouts = from.timeouts;
            body = from.body;
            retries = from.retries;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder limits(String... values) {
            limits = List.of(values);
            return this;
        }

        public Builder filters(FilterConfig... values) {
            filters = List.of(values);
            return this;
        }

        public Builder auth(AuthConfig... values) {
            auth = List.of(values);
            return this;
        }

        public Builder access(Setting<AccessConfig> value) {
            access = value;
            return this;
        }

        public Builder cors(Setting<CorsConfig> value) {
            cors = value;
            return this;
        }

        public Builder maintenance(Setting<MaintenanceConfig> value) {
            maintenance = value;
            return this;
        }

        public Builder errorPages(Setting<List<String>> value) {
            errorPages = value;
            return this;
        }

        public Builder admission(Setting<AdmissionConfig> value) {
            admission = value;
            return this;
        }

        public Builder identityHeaders(Setting<IdentityHeadersConfig> value) {
            identityHeaders = value;
            return this;
        }

        public Builder timeouts(RouteTimeouts value) {
            timeouts = value;
            return this;
        }

        public Builder retries(RouteRetries value) {
            retries = value;
            return this;
        }

        public Builder body(BodyConfig value) {
            body = value;
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
        public PolicyConfig build() {
            return new PolicyConfig(
                    name,
                    limits,
                    filters,
                    auth,
                    access,
                    cors,
                    maintenance,
                    errorPages,
                    admission,
                    identityHeaders,
                    timeouts,
                    body,
                    retries,
                    tags,
                    note,
                    enabled,
                    owner);
        }
    }
}
