package io.penstock.config;

import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How many bytes of bodies may pass in a second, for each direction. */
public record BandwidthConfig(
        @Doc("From clients to endpoints.") Optional<Bandwidth> request,
        @Doc("From endpoints to clients.") Optional<Bandwidth> response) {
    /** What is read from a socket at once would take seconds at less. */
    private static final Bandwidth MIN = Bandwidth.parse("100kbit/s");

    private static final Bandwidth MAX = Bandwidth.parse("400Gbit/s");

    public BandwidthConfig {
        ValueChecks checks = new ValueChecks();
        request.ifPresent(rate -> check(checks, "request", rate));
        response.ifPresent(rate -> check(checks, "response", rate));
        checks.require(
                request.isPresent() || response.isPresent(), "response", "found none, wanted request or response");
        checks.end();
    }

    private static void check(ValueChecks checks, String member, Bandwidth rate) {
        checks.require(
                rate.compareTo(MIN) >= 0 && rate.compareTo(MAX) <= 0,
                member,
                "found " + rate + ", wanted " + MIN + " to " + MAX);
    }

    /** For people, as in {@code request 5Mbit/s, response 20Mbit/s}. */
    @Override
    public String toString() {
        return Stream.of(request.map(rate -> "request " + rate), response.map(rate -> "response " + rate))
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", "));
    }

    /** A bandwidth from endpoints to clients only. */
    public static BandwidthConfig ofResponses(Bandwidth rate) {
        return new BandwidthConfig(Optional.empty(), Optional.of(rate));
    }

    /** A bandwidth from clients to endpoints only. */
    public static BandwidthConfig ofRequests(Bandwidth rate) {
        return new BandwidthConfig(Optional.of(rate), Optional.empty());
    }
}
