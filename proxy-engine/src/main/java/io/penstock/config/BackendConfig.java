package io.penstock.config;

import java.util.Optional;

/** One of several services that share a route's requests. */
public record BackendConfig(
        @Doc("The service that answers.") String service,

        @Doc(
                "Its part of the requests that no condition or stickiness decides, relative to the other weights; 1 if absent, "
                        + "0 if there is a `when`. 0 sends nobody new.")
        Optional<Integer> weight,

        @Doc(
                "How a caller keeps its backend: `cookie` (one that the gateway sets), `cookie:NAME` (one of the application's), "
                        + "`header:NAME`, `clientAddress`, or `consumer`, which needs `auth`.")
        Optional<StickyBy> sticky,

        @Doc("Requests that it gets before all weights: a canary by header or cookie.")
        Optional<BackendConditions> when) {
    private static final int WEIGHT_MAX = 1_000_000;

    public BackendConfig {
        ValueChecks checks = new ValueChecks();
        weight.ifPresent(each -> checks.between("weight", each, 0, WEIGHT_MAX));
        checks.end();
    }

    /** A backend with a weight. */
    public static BackendConfig of(String service, int weight) {
        return new BackendConfig(service, Optional.of(weight), Optional.empty(), Optional.empty());
    }

    /** This, and its callers stay. */
    public BackendConfig sticky(StickyBy by) {
        return new BackendConfig(service, weight, Optional.of(by), when);
    }

    /** This, first for requests that meet conditions. */
    public BackendConfig when(BackendConditions conditions) {
        return new BackendConfig(service, weight, sticky, Optional.of(conditions));
    }

    /** The weight that counts. */
    public int effectiveWeight() {
        return weight.orElse(when.isPresent() ? 0 : 1);
    }
}
