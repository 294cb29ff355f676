package io.penstock.config;

import java.util.Optional;

/** Where this gateway is, so that near targets are preferred. */
public record LocalityConfig(
        @Doc("The zone of this gateway. Targets of the same zone, and the same region if one is written, come first.")
        Optional<String> zone,

        @Doc("The region of this gateway. Other targets of the same region come next, all others last.")
        Optional<String> region,

        @Doc(
                "While this share of the near targets, by weight, takes requests, they take all; below it, the next ones take"
                        + " their part.")
        @Default("70%")
        Share spillBelow) {
    private static final int NAME_LENGTH_MAX = 128;

    public LocalityConfig {
        new ValueChecks()
                .require(
                        zone.isPresent() || region.isPresent(),
                        "zone",
                        "found neither zone nor region; write where this gateway is, or leave locality out")
                .require(
                        zone.orElse("").length() <= NAME_LENGTH_MAX,
                        "zone",
                        "found more than " + NAME_LENGTH_MAX + " characters")
                .require(
                        region.orElse("").length() <= NAME_LENGTH_MAX,
                        "region",
                        "found more than " + NAME_LENGTH_MAX + " characters")
                .end();
    }
}
