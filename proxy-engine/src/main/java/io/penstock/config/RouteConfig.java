package io.penstock.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which requests, and what becomes of them: exactly one of service, backends, respond, redirect, upstream. */
@Planned({"function", "cache", "validation"})
public record RouteConfig(
        @Doc("Unique among its type: letters, digits, dots, underscores and hyphens.")
        String name,

        @Doc("Among equally specific routes, the higher is asked first.") @Default("0")
        int priority,

        @Doc("The listeners it is reachable by; empty means every HTTP listener.")
        List<String> listeners,

        @Doc("The ways into it; one is enough.") List<RouteMatch> matches,
        @Doc("The service that answers.") Optional<String> service,
        @Doc("Services that share its requests.") List<BackendConfig> backends,
        @Doc("An answer of the gateway's own.") Optional<RespondConfig> respond,
        @Doc("An answer that sends the client elsewhere.") Optional<RedirectConfig> redirect,

        @Doc("The upstream that connections of listeners of protocol tcp or tls are passed on to.")
        Optional<String> upstream,

        @Doc("The API group it belongs to; the service's if none is named.")
        Optional<String> group,

        @Doc("How long an exchange may take.") RouteTimeouts timeouts,
        @Doc("What request bodies may be.") BodyConfig body,

        @Doc(
                "The protocols that a request may ask to change to by Upgrade, beside h2c and TLS, which are never heeded; empty for"
                        + " none.")
        @Default("websocket")
        List<String> upgrades,

        @Doc("Whether calls of gRPC-Web are made into calls of gRPC, which its endpoints speak by HTTP/2.")
        @Default("false")
        boolean grpcWeb,

        @Doc("When a request is sent again.") RouteRetries retries,

        @Doc("Limits, by name, beside those of outer levels.")
        List<String> limits,

        @Doc("Policies, by name.") List<String> policies,
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

        @Doc("Whether %2F, %5C and %25 may pass in a path.") @Default("refuse")
        EncodedSlashes encodedSlashes,

        @Doc("Words to select by, written key=value.") List<String> tags,
        @Doc("What the next operator should know.") Optional<String> note,

        @Doc("Whether it takes part; a disabled resource is checked and serves nothing.") @Default("true")
        boolean enabled,

        @Doc("The document that made it and may prune it.") Optional<String> owner)
        implements LevelConfig, Resource {
    public RouteConfig {
        listeners = List.copyOf(listeners);
        matches = List.copyOf(matches);
        upgrades = List.copyOf(upgrades);
        backends = List.copyOf(backends);
        limits = List.copyOf(limits);
        policies = List.copyOf(policies);
        filters = List.copyOf(filters);
        auth = List.copyOf(auth);
        tags = List.copyOf(tags);
        new ValueChecks()
                .resource(name, tags, note, owner)
                .between("priority", priority, -1_000_000, 1_000_000)
                .end();
    }

    /** A builder that holds the defaults. */
    public static Builder named(String name) {
        return new Builder(RecordDefaults.of(RouteConfig.class, Map.of("name", name)));
    }

    /** A builder that holds the values of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    @Override
    public RouteConfig with(List<FilterConfig> otherFilters, List<AuthConfig> otherAuth) {
        return toBuilder()
                .filters(otherFilters.toArray(FilterConfig[]::new))
                .auth(otherAuth.toArray(AuthConfig[]::new))
                .build();
    }

    /** Collects the values of a route; every setter is named after its member. */
    public static final class Builder {
        private String name;
        private int priority;
        private List<String> listeners;
        private List<RouteMatch> matches;
        private Optional<String> service;
        private List<BackendConfig> backends;
        private Optional<RespondConfig> respond;
        private Optional<RedirectConfig> redirect;
        private Optional<String> upstream;
        private Optional<String> group;
        private RouteTimeouts timeouts;
        private BodyConfig body;
        private List<String> upgrades;
        private boolean grpcWeb;
        private RouteRetries retries;
        private List<String> limits;
        private List<String> policies;
        private List<FilterConfig> filters;
        private List<AuthConfig> auth;
        private Setting<AccessConfig> access;
        private Setting<CorsConfig> cors;
        private Setting<MaintenanceConfig> maintenance;
        private Setting<List<String>> errorPages;
        private Setting<AdmissionConfig> admission;
        private Setting<IdentityHeadersConfig> identityHeaders;
        private EncodedSlashes encodedSlashes;
        private List<String> tags;
        private Optional<String> note;
        private boolean enabled;
        private Optional<String> owner;

        private Builder(RouteConfig from) {
            name = from.name;
            priority = from.priority;
            listeners = from.listeners;
            matches = from.matches;
            service = from.service;
            backends = from.backends;
            respond = from.respond;
            redirect = from.redirect;
            upstream = from.upstream;
            group = from.group;
            timeouts = from.timeouts;
            body = from.body;
            upgrades = from.upgrades;
            grpcWeb = from.grpcWeb;
            retries = from.retries;
            limits = from.limits;
            policies = from.policies;
            filters = from.filters;
            auth = from.auth;
            access = from.access;
            cors = from.cors;
            maintenance = from.maintenance;
            errorPages = from.errorPages;
            admission = from.admission;
            identityHeaders = from.identityHeaders;
            encodedSlashes = from.encodedSlashes;
            tags = from.tags;
            note = from.note;
            enabled = from.enabled;
            owner = from.owner;
        }

        public Builder name(String value) {
            name = value;
            return this;
        }

        public Builder priority(int value) {
            priority = value;
            return this;
        }

        public Builder listeners(String... values) {
            listeners = List.of(values);
            return this;
        }

        public Builder matches(RouteMatch... values) {
            matches = List.of(values);
            return this;
        }

        public Builder service(String value) {
            service = Optional.of(value);
            return this;
        }

        public Builder backends(BackendConfig... values) {
            backends = List.of(values);
            return this;
        }

        public Builder respond(RespondConfig value) {
            respond = Optional.of(value);
            return this;
        }

        public Builder redirect(RedirectConfig value) {
            redirect = Optional.of(value);
            return this;
        }

        public Builder upstream(String value) {
            upstream = Optional.of(value);
            return this;
        }

        public Builder group(String value) {
            group = Optional.of(value);
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

        public Builder upgrades(String... values) {
            upgrades = List.of(values);
            return this;
        }

        public Builder grpcWeb(boolean isTranslated) {
            grpcWeb = isTranslated;
            return this;
        }

        public Builder limits(String... values) {
            limits = List.of(values);
            return this;
        }

        public Builder policies(String... values) {
            policies = List.of(values);
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

        public Builder encodedSlashes(EncodedSlashes value) {
            encodedSlashes = value;
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
        public RouteConfig build() {
            return new RouteConfig(
                    name,
                    priority,
                    listeners,
                    matches,
                    service,
                    backends,
                    respond,
                    redirect,
                    upstream,
                    group,
                    timeouts,
                    body,
                    upgrades,
                    grpcWeb,
                    retries,
                    limits,
                    policies,
                    filters,
                    auth,
                    access,
                    cors,
                    maintenance,
                    errorPages,
                    admission,
                    identityHeaders,
                    encodedSlashes,
                    tags,
                    note,
                    enabled,
                    owner);
        }
    }
}
