package io.penstock.config;

import java.util.Optional;

/** Where this gateway is, so that near targets are preferred; without zone and region, where its start says ({@code --zone}, {@code --region}). */
public record LocalityConfig(
        @Doc(
                "The zone of this gateway. Targets of the same zone, and the same region if one is written, come first. Without zone and"
                        + " region those that the gateway was started with count.")
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
