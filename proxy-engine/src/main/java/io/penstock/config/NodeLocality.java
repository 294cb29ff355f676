package io.penstock.config;

import java.util.Optional;

/** Where a gateway stands, as its start says: what upstreams with a {@code locality} without places of its own mean. */
public record NodeLocality(Optional<String> region, Optional<String> zone) {
    /** Nowhere in particular. */
    public static final NodeLocality UNKNOWN = new NodeLocality(Optional.empty(), Optional.empty());

    private static final int NAME_LENGTH_MAX = 128;

    public NodeLocality {
        region.ifPresent(name -> check("region", name));
        zone.ifPresent(name -> check("zone", name));
    }

    private static void check(String what, String name) {
        if (name.isEmpty() || name.length() > NAME_LENGTH_MAX || !name.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new IllegalArgumentException(what + ": found \"" + ValueText.shown(name) + "\", wanted 1 to "
                    + NAME_LENGTH_MAX + " visible ASCII characters without spaces, for example eu-west-1");
        }
    }

    /** Whether anything is known of it. */
    public boolean isKnown() {
        return region.isPresent() || zone.isPresent();
    }

    /** Whether an upstream wants its near targets first and leaves it to the gateway where near is. */
    public static boolean isLeftToNode(UpstreamConfig upstream) {
        return upstream.locality()
                .filter(locality ->
                        locality.zone().isEmpty() && locality.region().isEmpty())
                .isPresent();
    }

    /** An upstream as it holds here. */
    public UpstreamConfig applied(UpstreamConfig upstream) {
        return isLeftToNode(upstream)
                ? upstream.toBuilder()
                        .locality(new LocalityConfig(
                                zone, region, upstream.locality().orElseThrow().spillBelow()))
                        .build()
                : upstream;
    }
}
