package io.penstock.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** A question to a target's health service of gRPC, {@code grpc.health.v1.Health/Check}. */
public record GrpcCheckConfig(
        @Doc("The service that is asked about; absent for the target as a whole.")
        Optional<String> service,

        @Doc("How long from one check of a target to the next; a tenth more or less by chance.") @Default("5s")
        Duration interval,

        @Doc("How long the connection and the answer may take together.") @Default("1s")
        Duration timeout,

        @Doc("Good checks in a row that make an unhealthy target healthy.") @Default("2")
        int healthyAfter,

        @Doc("Bad checks in a row that make a healthy target unhealthy.") @Default("3")
        int unhealthyAfter,

        @Doc("The value of :authority; the target's address if absent.")
        Optional<String> host) {
    private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9_.-]{1,255}");

    public GrpcCheckConfig {
        CheckPace.check(interval, timeout, healthyAfter, unhealthyAfter)
                .require(
                        service.map(name -> SERVICE.matcher(name).matches()).orElse(true),
                        "service",
                        "found \"" + ValueText.shown(service.orElse(""))
                                + "\", wanted a name as it stands in a .proto file with its package, at most 255 characters")
                .require(
                        host.map(Grammar::isAuthority).orElse(true),
                        "host",
                        "found \"" + ValueText.shown(host.orElse("")) + "\", wanted a host with an optional port")
                .end();
    }
}
