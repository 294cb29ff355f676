package io.penstock.plugin;

import io.penstock.config.PluginCanary;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterCall;

/** Which requests a canary gets: a share by chance, or the same clients always. One worker's. */
@WorkerConfined
final class CanaryShare {
    // The odd number nearest to 2^64 divided by the golden ratio: its multiples are spread evenly (Knuth, 6.4).
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final String HEADER = "header:";

    private final int percent;
    private final String sticky;
    private final int salt;
    private long point;

    /**
     * Makes one.
     *
     * @param salt sets which clients are in, so that they are others for another plugin
     * @param seed where chance begins
     */
    CanaryShare(PluginCanary canary, int salt, long seed) {
        this.percent = canary.percent();
        this.sticky = canary.sticky().orElse("");
        this.salt = salt;
        this.point = seed * STEP;
    }

    /** Whether a request goes to the canary. */
    boolean takes(FilterCall call) {
        if (sticky.isEmpty()) {
            point += STEP;
            return percentile(point) < percent;
        }
        String client = client(call);
        // Without what it is to be told by, a client stays where everybody was.
        return !client.isEmpty() && percentile((client.hashCode() * 31L + salt) * STEP) < percent;
    }

    private String client(FilterCall call) {
        if (!sticky.startsWith(HEADER)) {
            return call.client().address();
        }
        String name = sticky.substring(HEADER.length());
        int at = call.request().fields().find(name.toLowerCase(java.util.Locale.ROOT));
        return at < 0 ? "" : call.request().fields().value(at);
    }

    private static int percentile(long spread) {
        long mixed = (spread ^ (spread >>> 32)) * 0xD6E8FEB86659FD93L;
        return (int) Long.remainderUnsigned(mixed ^ (mixed >>> 32), 100);
    }
}
