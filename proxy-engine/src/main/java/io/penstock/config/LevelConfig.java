package io.penstock.config;

import java.util.List;

/**
 * What may be written at every level: the instance's defaults, policies, API groups, services and routes. {@link EffectiveRoute} puts
 * the levels of a route together.
 */
public sealed interface LevelConfig permits Defaults, PolicyConfig, ApiGroupConfig, ServiceConfig, RouteConfig {
    /** How long an exchange may take. */
    RouteTimeouts timeouts();

    /** What request bodies may be. */
    BodyConfig body();

    /** When a request is sent again, where this level wants it otherwise. */
    RouteRetries retries();

    /** Limits, by name, beside those of outer levels. */
    List<String> limits();

    /** Policies, by name, which stand just outside of this level; none where no policy may be named. */
    default List<String> policies() {
        return List.of();
    }

    /** Filters, inside those of outer levels. */
    List<FilterConfig> filters();

    /** Ways to find out who calls, instead of those of outer levels; empty for theirs. */
    List<AuthConfig> auth();

    /** This with other filters and other ways to find out who calls. */
    LevelConfig with(List<FilterConfig> otherFilters, List<AuthConfig> otherAuth);

    /** Which addresses may pass, instead of the lists of outer levels. */
    Setting<AccessConfig> access();

    /** Which pages of other origins may read the answers, instead of what outer levels say. */
    Setting<CorsConfig> cors();

    /** How many exchanges go on at once and who waits, instead of what outer levels say. */
    Setting<AdmissionConfig> admission();

    /** Headers that tell the upstream who calls, instead of what outer levels say. */
    Setting<IdentityHeadersConfig> identityHeaders();

    /** Error pages, by name, instead of those of outer levels. */
    Setting<List<String>> errorPages();

    /** Refuses requests while work is being done, instead of what outer levels say. */
    Setting<MaintenanceConfig> maintenance();
}
