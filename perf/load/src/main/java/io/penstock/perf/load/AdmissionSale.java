package io.penstock.perf.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.responseTimeInMillis;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.header;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Twenty times as many visitors as an upstream of fixed capacity can serve, for five seconds and once more, behind an admission:
 * it must serve as many as at its plateau, soon or never; members must not notice; everyone else must be shown the waiting room;
 * and the gateway must not need more memory for the second rush than for the first, but for what its heap is free to grow. The upstream is here, in the generator.
 */
public final class AdmissionSale extends Suite {
    private static final String BELOW = "/tickets";
    private static final int RUSH = 20;
    private static final int RUSH_S = 5;
    /** More than it can serve, so that it is never idle. */
    private static final double PLATEAU = 1.25;

    private static final double GOODPUT_MIN = 0.95;
    /** What the upstream is asked at once: enough that it is never idle while an answer and a request are on their way. */
    private static final int PLACES = 16;

    /** With so many everyone who is let in waits for seconds at the upstream. */
    private static final int SABOTAGED_PLACES = 30 * PLACES;

    private static final int QUEUE_MS = 1_000;
    private static final double MEMBERS = 0.2;
    private static final double AFTER = 0.5;

    /** The young generation may become larger at any time; what a rush of this size would leave behind is more. */
    private static final int GROWTH_MIB_MAX = 128;

    private final double capacity = plan.rate();
    private final int atUpstreamMs = (int) (PLACES * 1_000 / capacity);
    /** Queue, upstream, and what the machine may take besides. */
    private final int servedMsMax = QUEUE_MS + atUpstreamMs + plan.p99MsMax();

    private final PacedTarget target = new PacedTarget(URI.create(plan.url()), capacity, plan.isSabotaged());
    private final Optional<Resident> memory = plan.gatewayPid().map(Resident::new);
    private final Sale plateau = new Sale();
    private final Sale rush = new Sale();
    private final Sale again = new Sale();
    private volatile int calmMib;
    private volatile int rushMib;

    public AdmissionSale() {
        PopulationBuilder warmUp = open(
                "warm-up",
                get("warm-up", proxiedUrl(BELOW), 200, 503),
                constantUsersPerSec(capacity / 2).during(plan.warmSeconds()));
        PopulationBuilder after = open(
                name(PROXIED, "after"),
                get(name(PROXIED, "after"), proxiedUrl(BELOW)),
                constantUsersPerSec(capacity * AFTER).during(plan.seconds()));
        // Each with its members beside it; the next one when all of its visitors have gone.
        PopulationBuilder second = crowd("second rush", again, capacity * RUSH, RUSH_S, mib -> rushMib = mib);
        PopulationBuilder first = crowd("rush", rush, capacity * RUSH, RUSH_S, mib -> calmMib = mib);
        PopulationBuilder calm = crowd("plateau", plateau, capacity * PLATEAU, plan.seconds(), mib -> {});
        PopulationBuilder chain = first.andThen(second.andThen(after), members("second rush", again));
        run(warmUp.andThen(calm.andThen(chain, members("rush", rush))));
    }

    /** All who come in one phase but the members; {@code before} is told the most memory of the time before. */
    private PopulationBuilder crowd(String what, Sale sale, double perSecond, int seconds, IntConsumer before) {
        if (what.endsWith("rush")) {
            gateErrors(name(PROXIED, what));
            gateP99(name(PROXIED, what), servedMsMax);
        }
        return scenario(name(PROXIED, what))
                .exec(session -> {
                    if (sale.comes()) {
                        memory.ifPresent(resident -> before.accept(resident.peakMib()));
                    }
                    return session;
                })
                .exec(get(name(PROXIED, what), proxiedUrl(BELOW), 200, 503)
                        .header("Accept", plan.isSabotaged() ? "application/json" : "text/html")
                        .check(
                                status().saveAs("status"),
                                responseTimeInMillis().saveAs("ms"),
                                header("Retry-After").optional().saveAs("retryAfter"),
                                header("Content-Type").optional().saveAs("type")))
                .exec(session -> became(session, sale))
                .injectOpen(constantUsersPerSec(perSecond).during(seconds));
    }

    private PopulationBuilder members(String what, Sale sale) {
        String name = name(PROXIED, "members, " + what);
        gateErrors(name);
        gateP99(name, atUpstreamMs + plan.p99MsMax());
        return scenario(name)
                .exec(session -> {
                    sale.comes();
                    return session;
                })
                .exec(get(name, proxiedUrl(BELOW))
                        .header("X-Member", "yes")
                        .check(status().saveAs("status"), responseTimeInMillis().saveAs("ms")))
                .exec(session -> became(session, sale))
                .injectOpen(constantUsersPerSec(capacity * MEMBERS).during(RUSH_S));
    }

    private static Session became(Session session, Sale sale) {
        int status = session.contains("status") ? session.getInt("status") : 0;
        if (status == 200) {
            sale.served(session.getInt("ms"));
        } else if (status == 503) {
            String type = session.getString("type");
            sale.turnedAway(session.contains("retryAfter") && type != null && type.startsWith("text/html"));
        }
        return session;
    }

    @Override
    void setUpBox(Box gateway) {
        String admission = "{\"concurrency\":" + (plan.isSabotaged() ? SABOTAGED_PLACES : PLACES)
                + ",\"queue\":{\"max\":" + (int) (capacity * QUEUE_MS / 1_000) + ",\"timeout\":\"" + QUEUE_MS
                + "ms\"},\"priorities\":[{\"name\":\"members\",\"headers\":[{\"name\":\"X-Member\",\"type\":\"present\"}]}]}";
        gateway.put(List.of(
                new Box.Resource("/upstreams/load-tickets", "{\"targets\":[{\"address\":\"" + target.open() + "\"}]}"),
                new Box.Resource("/services/load-tickets", "{\"upstream\":\"load-tickets\"}"),
                route("tickets", "load-tickets", BELOW, ",\"admission\":" + admission)));
    }

    @Override
    void tell(Facts found) {
        target.close();
        found.value("plateau: offered a second", plateau.offeredPerSecond());
        found.value("plateau: served a second", plateau.goodputPerSecond(servedMsMax));
        tell(found, "rush", rush);
        tell(found, "second rush", again);
        found.value("upstream: most at once", target.mostAtOnce());
        found.gate("the upstream has no more at once than may go on", target.mostAtOnce() <= PLACES);
        memory.ifPresent(resident -> {
            int againMib = resident.peakMib();
            found.value("gateway: resident MiB before the rush", calmMib);
            found.value("gateway: resident MiB in the rush", rushMib);
            found.value("gateway: resident MiB in the second rush and after", againMib);
            found.gate(
                    "the second rush takes no more memory than the first, to 128 MiB",
                    !plan.isSabotaged() && againMib - rushMib <= GROWTH_MIB_MAX);
        });
    }

    private void tell(Facts found, String what, Sale sale) {
        found.value(what + ": offered a second", sale.offeredPerSecond());
        found.value(what + ": served a second", sale.goodputPerSecond(servedMsMax));
        found.value(what + ": p99 ms of those served", sale.p99Ms());
        found.value(what + ": turned away", sale.turnedAwayCount());
        found.gate(
                what + ": as many are served as at the plateau, to 5 %",
                sale.goodputPerSecond(servedMsMax) >= GOODPUT_MIN * plateau.goodputPerSecond(servedMsMax));
        found.gate(what + ": whoever is served is served within the queue's time", sale.p99Ms() <= servedMsMax);
        found.gate(
                what + ": whoever is turned away is shown the waiting room",
                sale.turnedAwayCount() > 0 && sale.shownTheRoomCount() == sale.turnedAwayCount());
    }
}
