package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Finds out who calls by a signature of the request (RFC 9421) under a secret that a consumer has as a credential of type hmac. */
@TypeTag("hmac")
public record HmacAuthConfig(
        @Doc("What a signature has to cover at least: @method, @authority, @path, @query, or headers in lower case.")
        @Default("@method, @authority, @path, @query")
        List<String> components,

        @Doc("How far the signature's time of creation may be from the gateway's clock, either way; within twice that a"
                + " signature counts once.")
        @Default("1m")
        Duration clockSkew,

        @Doc("Whether the signature is taken out of the request before it goes on.") @Default("true")
        boolean hideCredential,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    private static final int COMPONENTS_MAX = 32;
    private static final Pattern COMPONENT =
            Pattern.compile("@method|@authority|@path|@query|[!#$%&'*+.^_`|~0-9a-z-]{1,128}");

    public HmacAuthConfig {
        components = List.copyOf(components);
        ValueChecks checks = new ValueChecks()
                .require(
                        !components.isEmpty() && components.size() <= COMPONENTS_MAX,
                        "components",
                        "found " + components.size() + " components, wanted 1 to " + COMPONENTS_MAX)
                .require(
                        clockSkew.compareTo(Duration.ofSeconds(1)) >= 0
                                && clockSkew.compareTo(Duration.ofHours(1)) <= 0,
                        "clockSkew",
                        "found " + DurationText.format(clockSkew) + ", wanted 1s to 1h");
        for (int i = 0; i < components.size(); i++) {
            checks.require(
                    COMPONENT.matcher(components.get(i)).matches(),
                    "components/" + i,
                    "found \"" + ValueText.shown(components.get(i))
                            + "\", wanted @method, @authority, @path, @query, or a header's name in lower case");
        }
        checks.end();
    }

    /** One that has to cover these. */
    public static HmacAuthConfig covering(String... components) {
        return new HmacAuthConfig(List.of(components), Duration.ofMinutes(1), true, true);
    }
}
