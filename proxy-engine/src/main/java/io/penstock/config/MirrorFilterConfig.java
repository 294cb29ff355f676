package io.penstock.config;

import java.time.Duration;

/** Sends copies of requests to another service, whose answers nobody sees. */
@TypeTag("mirror")
public record MirrorFilterConfig(
        @Doc("The service that gets the copies; of its members only `upstream` and `hostHeader` count.")
        String service,

        @Doc("The part of the requests that is copied, exactly and evenly spread on each worker.") @Default("100%")
        Share share,

        @Doc("The longest body that is copied; a request with a longer one is not.") @Default("64KiB")
        ByteSize bodyMax,

        @Doc("How long the answer to a copy may take.") @Default("10s")
        Duration timeout,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements FilterConfig {
    private static final ByteSize BODY_MAX = ByteSize.parse("1MiB");

    public MirrorFilterConfig {
        new ValueChecks()
                .between("bodyMax", bodyMax, ByteSize.parse("0"), BODY_MAX)
                .timeout("timeout", timeout)
                .end();
    }

    /** Copies of all requests with short bodies. */
    public static MirrorFilterConfig to(String service) {
        return of(service, "100%");
    }

    /** Copies of a share of the requests. */
    public static MirrorFilterConfig of(String service, String share) {
        return new MirrorFilterConfig(
                service, Share.parse(share), ByteSize.parse("64KiB"), Duration.ofSeconds(10), true);
    }
}
