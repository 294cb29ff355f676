package io.penstock.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which pages of other origins may read what a route answers, by the Fetch standard (fetch.spec.whatwg.org, HTTP-CORS protocol). */
public record CorsConfig(
        @Doc("Origins that may: https://app.example, https://*.app.example for every host below, or * for everybody.")
        List<String> origins,

        @Doc("Methods that they may use; * for every one.") @Default("GET, HEAD, POST")
        List<String> methods,

        @Doc("Request fields that they may set; * for all but Authorization.")
        List<String> headers,

        @Doc("Response fields that they may read beside the usual ones; * for all.")
        List<String> exposedHeaders,

        @Doc("Whether requests may carry cookies and credentials.") @Default("false")
        boolean credentials,

        @Doc("How long a browser may keep the answer to a preflight; absent for its own default.")
        Optional<Duration> maxAge,

        @Doc("Whether pages of public networks may call a gateway in a private one.") @Default("false")
        boolean privateNetwork)
        implements LevelFilterConfig {
    private static final Duration MAX_AGE_MAX = Duration.ofDays(1);

    /** The word for everybody, every method or every field. */
    public static final String ANY = "*";

    public CorsConfig {
        origins = List.copyOf(origins);
        methods = List.copyOf(methods);
        headers = List.copyOf(headers);
        exposedHeaders = List.copyOf(exposedHeaders);
        ValueChecks checks = new ValueChecks()
                .count("origins", "origins", origins.size(), 1000)
                .count("methods", "methods", methods.size(), 32)
                .count("headers", "fields", headers.size(), 100)
                .count("exposedHeaders", "fields", exposedHeaders.size(), 100);
        maxAge.ifPresent(age -> checks.require(
                !age.isNegative() && age.compareTo(MAX_AGE_MAX) <= 0,
                "maxAge",
                "found " + DurationText.format(age) + ", wanted 0s to 24h"));
        checks.end();
    }

    /** For some origins, the rest as it is by default. */
    public static CorsConfig of(String... origins) {
        return new CorsConfig(
                List.of(origins), List.of("GET", "HEAD", "POST"), List.of(), List.of(), false, Optional.empty(), false);
    }

    @Override
    public String type() {
        return "cors";
    }
}
