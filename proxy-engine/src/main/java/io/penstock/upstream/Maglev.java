package io.penstock.upstream;

import io.penstock.discovery.MaglevTable;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing: requests of one key go to one endpoint, and when an endpoint comes or goes few others move. The table
 * holds endpoints whatever their health: while one takes no requests its keys, and no others, are spread over the rest by
 * hashing them again, and come back to it afterwards. A request without a key goes anywhere.
 */
@WorkerConfined
final class Maglev implements Balancer {
    // Endpoints by weight that take no requests: after so many the next one in order is taken.
    private static final int HASHES_MAX = 32;

    private final Chance chance;
    private @Nullable MaglevTable table;
    private Endpoint[] all = new Endpoint[0];

    Maglev(Chance chance) {
        this.chance = chance;
    }

    @Override
    public @Nullable Endpoint choose(Endpoint[] usable, OpenRequest request) {
        long hash = request.hasHash() ? request.hash() : chance.next();
        MaglevTable known = table;
        if (known != null) {
            for (int hashes = 0; hashes < HASHES_MAX; hashes++) {
                int place = known.endpointOf(hash);
                if (place >= 0 && place < all.length && all[place].mayTake(request)) {
                    return all[place];
                }
                hash = again(hash);
            }
        }
        for (int i = 0; i < usable.length; i++) {
            Endpoint next = usable[(int) Long.remainderUnsigned(hash + i, usable.length)];
            if (next.mayTake(request)) {
                return next;
            }
        }
        return null;
    }

    @Override
    public void endpointsChanged(Endpoint[] usable, EndpointList endpoints) {
        table = endpoints.maglev();
        all = endpoints.array();
    }

    @Override
    public void weightsChanged(Endpoint[] usable) {
        // The table goes by what was written.
    }

    // The finalizer of SplitMix64: another hash of the same key, the same on every worker.
    private static long again(long hash) {
        long mixed = hash + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
