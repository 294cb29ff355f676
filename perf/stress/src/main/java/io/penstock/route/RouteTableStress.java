package io.penstock.route;

import io.penstock.config.PathMatch;
import io.penstock.config.RouteMatch;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Lookups in a {@link RouteTable} that is handed over and let go as workers do it, while the control thread edits routes,
 * publishes, retires, and so uses memory again.
 *
 * <p>A table is no thing to make for each of millions of tries: all tries of a JVM share one writer, whose versions go by.
 */
public final class RouteTableStress {
    private static final int ROUTES = 64;
    private static final int ASKED = 17;

    private RouteTableStress() {}

    /** One writer, the mailbox that its newest table lies in, and the pin of the one worker that reads. */
    private static final class World {
        private final RouteTableWriter writer = new RouteTableWriter();
        private final AtomicReference<RouteTable> mailbox;
        private final AtomicLong oldestInUse;
        private final HeadBytes query = new HeadBytes("shop.example", "/t" + ASKED + "/orders");
        private final RouteLookup lookup = new RouteLookup();
        private int edits;

        World() {
            for (int route = 0; route < ROUTES; route++) {
                writer.put(entry(route, 0));
            }
            RouteTable first = writer.publish();
            mailbox = new AtomicReference<>(first);
            oldestInUse = new AtomicLong(first.version());
        }

        private static RouteEntry entry(int route, int priority) {
            RouteMatch match = RouteMatch.of("shop.example", PathMatch.prefix("/t" + route));
            return new RouteEntry(route, "route-" + route, priority, ListenerSet.ALL, List.of(match));
        }

        // The locks are not contended: they keep actors apart that would do the same, not those that race.
        synchronized void edit() {
            writer.retireBelow(oldestInUse.getAcquire());
            if (writer.canPublish()) {
                edits++;
                writer.put(entry(edits % ROUTES, edits));
                mailbox.setRelease(writer.publish());
            }
        }

        int read() {
            synchronized (lookup) {
                RouteTable table = mailbox.getAcquire();
                int found = lookup.find(table, query);
                oldestInUse.setRelease(table.version());
                return found;
            }
        }
    }

    /** A lookup in the newest table finds its route, whatever is edited meanwhile. */
    @JCStressTest
    @Outcome(id = "17", expect = Expect.ACCEPTABLE, desc = "found")
    @Outcome(expect = Expect.FORBIDDEN, desc = "not found, or another route")
    @State
    public static class FoundUnderEdits {
        private static final World WORLD = new World();

        @Actor
        public void worker(I_Result r) {
            r.r1 = WORLD.read();
        }

        @Actor
        public void control() {
            WORLD.edit();
        }
    }
}
