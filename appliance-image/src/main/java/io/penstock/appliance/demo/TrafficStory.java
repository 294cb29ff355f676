package io.penstock.appliance.demo;

import io.penstock.appliance.command.ApiAnswer;
import io.penstock.appliance.command.ApiClient;
import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The steps of traffic control: who is let in, who is left out, what is tried again, who may ask how often, and who gets the
 * new version.
 */
final class TrafficStory {
    private static final Duration RUSH = Duration.ofMillis(1500);
    private static final Duration TICKET = Duration.ofMillis(20);
    private static final Duration REST = Duration.ofMillis(300);
    private static final Duration WHILE_OUT = Duration.ofMillis(300);
    private static final Duration CHANGE_MAX = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final int CROWD = 60;
    private static final int VIPS = 4;
    private static final int FEW = 4;
    private static final int FAIL_EACH = 10;
    private static final int PAYMENTS = 100;
    private static final int TESTS = 20;

    private final Narrator narrator;
    private final InetSocketAddress gateway;
    private final ApiClient owner;
    private final ToldCommands commands;
    private final ToyUpstream blue;
    private final ToyUpstream green;
    private final Path document;

    TrafficStory(
            Narrator narrator,
            InetSocketAddress gateway,
            ApiClient owner,
            ToldCommands commands,
            ToyUpstream blue,
            ToyUpstream green,
            Path document) {
        this.narrator = narrator;
        this.gateway = gateway;
        this.owner = owner;
        this.commands = commands;
        this.blue = blue;
        this.green = green;
        this.document = document;
    }

    void moreThanCanBeServed() throws IOException {
        narrator.say("A second document joins the first, while it serves:\n");
        narrator.say(Files.readString(document));
        commands.penstock("apply", document.toString(), "--note", "traffic control");
        blue.habits().set("/tickets", ToyHabits.Habit.slow(TICKET));
        narrator.gap();
        narrator.say("A ticket takes \"" + blue.name() + "\" " + TICKET.toMillis() + " ms, and it is good at "
                + TrafficFiles.PLACES + " at once. " + CROWD + " clients want one all the time, and " + VIPS
                + " more say X-Vip.");
        Tally[] vips = {new Tally()};
        Tally crowd = new Crowd(gateway, CROWD, TICKET, "Accept: text/html")
                .beside(
                        "/tickets/1",
                        REST,
                        () -> vips[0] = new Crowd(gateway, VIPS, TICKET, "X-Vip: 1").during(RUSH, "/tickets/1"));
        waits("what the VIPs saw: ", vips[0]);
        waits("what the others saw: ", crowd);
        int shed = crowd.status(503);
        int most = blue.habits().mostAtOnce("/tickets");
        narrator.check(
                allGood(vips[0]) && crowd.broken() == 0,
                "every VIP was served, ahead of all others who waited; everyone else got an answer too");
        narrator.check(
                crowd.status(200) > 0
                        && shed > 0
                        && crowd.status(200) + shed == crowd.answers()
                        && crowd.reason("admission-queue-full") + crowd.reason("admission-timeout") == shed,
                shed + " who could not be served in time were told so, with 503 and Retry-After");
        narrator.check(
                most <= TrafficFiles.PLACES,
                "\"" + blue.name() + "\" never had more than " + most + " at once, over all workers");
        waitingRoom();
    }

    /** What a browser gets that is turned away. */
    private void waitingRoom() throws IOException {
        List<ToyAnswer> rooms = new ArrayList<>();
        new Crowd(gateway, CROWD, TICKET).beside("/tickets/1", REST, () -> rooms.add(turnedAway()));
        ToyAnswer seen = rooms.getFirst();
        narrator.check(
                seen.header("Content-Type").orElse("").startsWith("text/html")
                        && seen.header("Retry-After").isPresent(),
                "a browser gets a waiting room that tries again by itself in "
                        + seen.header("Retry-After").orElse("?") + " s");
    }

    private ToyAnswer turnedAway() throws IOException {
        long endNs = System.nanoTime() + CHANGE_MAX.toNanos();
        while (System.nanoTime() < endNs) {
            try (ToyClient browser = new ToyClient(gateway)) {
                ToyAnswer answer = browser.get("/tickets/1", "Accept: text/html");
                if (answer.status() == 503) {
                    return answer;
                }
            }
        }
        throw new CommandFailure(ExitCode.FAILED, "nobody was turned away");
    }

    void targetThatLies() throws IOException {
        narrator.say(FEW + " clients ask for /reviews. After " + REST.toMillis() + " ms \"" + green.name()
                + "\" lies: it takes requests, and answers each with 500.");
        Crowd crowd = new Crowd(gateway, FEW, Duration.ofMillis(1));
        long[] tookMs = {0};
        Tally lied = crowd.beside("/reviews/7", REST, () -> {
            green.habits().set("/reviews", ToyHabits.Habit.LYING);
            long sinceNs = System.nanoTime();
            awaitEjected(true);
            tookMs[0] = (System.nanoTime() - sinceNs) / 1_000_000;
        });
        narrator.say("what the clients saw: " + lied.text());
        narrator.check(
                lied.status(500) > 0
                        && lied.status(500) == green.habits().failed("/reviews")
                        && lied.status(200) + lied.status(500) == lied.answers(),
                "5 failures in a row, counted over all workers: left out after " + tookMs[0] + " ms");
        Tally out = crowd.during(WHILE_OUT, "/reviews/7");
        narrator.check(allGood(out) && out.upstream(green.name()) == 0, "then nobody meets it: " + out.text());
        green.habits().set("/reviews", ToyHabits.Habit.GOOD);
        awaitEjected(false);
        Tally back = crowd.during(WHILE_OUT, "/reviews/7");
        narrator.check(
                allGood(back) && back.upstream(green.name()) > 0,
                "it tells the truth again, its time is over, and it has its share: " + back.text());
    }

    private void awaitEjected(boolean isWanted) {
        long endNs = System.nanoTime() + CHANGE_MAX.toNanos();
        while (System.nanoTime() < endNs) {
            if (isEjected() == isWanted) {
                return;
            }
            Crowd.sleep(LOOK);
        }
        throw new CommandFailure(
                ExitCode.FAILED, green.name() + (isWanted ? " was not left out" : " did not come back"));
    }

    private boolean isEjected() {
        for (JsonNode target : owner.get("/v1/upstreams/reviews/health").path("items")) {
            if (target.path("name").asString("").equals(green.name())) {
                return target.path("state").asString("").equals("ejected");
            }
        }
        return false;
    }

    void triedAgain() {
        int each = 150;
        green.habits().set("/stock", ToyHabits.Habit.failsEach(FAIL_EACH));
        narrator.say("Every " + FAIL_EACH + "th answer of \"" + green.name() + "\" below /stock is a 500 now. " + FEW
                + " clients ask " + FEW * each + " times.");
        long beginNs = System.nanoTime();
        long before = retries();
        Crowd crowd = new Crowd(gateway, FEW);
        Tally saved = crowd.each(each, "/stock/7");
        long again = retries() - before;
        int failed = green.habits().failed("/stock");
        narrator.say("what the clients saw: " + saved.text() + "; the endpoint failed " + failed + " times");
        narrator.check(
                allGood(saved) && failed > 0 && again >= failed,
                again + " requests were sent to the other target, and no client saw a failure");
        blue.habits().set("/stock", ToyHabits.Habit.LYING);
        green.habits().set("/stock", ToyHabits.Habit.LYING);
        Tally lost = crowd.each(each, "/stock/7");
        long all = retries() - before;
        double seconds = (System.nanoTime() - beginNs) / 1e9;
        int asked = saved.answers() + lost.answers();
        int tries = blue.habits().asked("/stock") + green.habits().asked("/stock");
        // Ten a second are free.
        double most = asked * (TrafficFiles.BUDGET_PERCENT / 100.0) + 10 * Math.ceil(seconds + 1);
        narrator.say("now both fail always: " + lost.text());
        narrator.check(
                lost.status(500) == lost.answers() && all <= most && tries <= asked + all,
                asked + " requests made " + tries + " tries, no more than its budget of " + TrafficFiles.BUDGET_PERCENT
                        + " % and ten a second allow: no storm");
    }

    private long retries() {
        return owner.get("/v1/stats")
                .path("counters")
                .path("penstock_retries_total")
                .asLong(0);
    }

    void ownKeyAndQuota() throws IOException {
        ObjectNode zoe = JsonNodeFactory.instance.objectNode();
        zoe.putArray("limits").add("trial");
        owner.call("PUT", "/v1/consumers/zoe").json(zoe).send();
        owner.call("PUT", "/v1/consumers/yan")
                .json(JsonNodeFactory.instance.objectNode())
                .send();
        String secret = newKey("zoe");
        String other = newKey("yan");
        narrator.say("POST /v1/consumers/zoe/credentials {\"type\": \"apiKey\"} answers once with a secret: "
                + secret.substring(0, Math.min(8, secret.length())) + "...");
        ApiAnswer listed = owner.call("GET", "/v1/consumers/zoe/credentials").send();
        narrator.check(
                !secret.isEmpty() && !listed.json().toString().contains(secret),
                "and never again: the list has only its first letters");
        try (ToyClient client = new ToyClient(gateway)) {
            ToyAnswer nobody = client.get("/partners/1");
            narrator.check(
                    nobody.status() == 401
                            && nobody.header("X-Penstock-Reason").orElse("").equals("unauthenticated"),
                    "without a key: 401, " + nobody.header("WWW-Authenticate").orElse("?"));
            Tally hers = new Tally();
            for (int i = 0; i < TrafficFiles.QUOTA + 2; i++) {
                hers.add(client.get("/partners/1", "X-API-Key: " + secret), 0);
            }
            narrator.say("with hers, " + (TrafficFiles.QUOTA + 2) + " times: " + hers.text());
            Tally his = new Tally();
            for (int i = 0; i < TrafficFiles.QUOTA + 2; i++) {
                his.add(client.get("/partners/1", "X-API-Key: " + other), 0);
            }
            narrator.say("with Yan's, who has no quota: " + his.text());
            narrator.check(
                    hers.status(200) == TrafficFiles.QUOTA && hers.reason("quota-exhausted") == 2 && allGood(his),
                    "her quota of " + TrafficFiles.QUOTA + " a month is hers alone");
        }
    }

    private String newKey(String consumer) {
        return owner.call("POST", "/v1/consumers/" + consumer + "/credentials")
                .json(JsonNodeFactory.instance.objectNode().put("type", "apiKey"))
                .send()
                .json()
                .path("secret")
                .asString("");
    }

    void canary() throws IOException {
        try (ToyClient client = new ToyClient(gateway)) {
            Tally all = new Tally();
            for (int i = 0; i < PAYMENTS; i++) {
                all.add(client.get("/pay/" + i), 0);
            }
            Tally testers = new Tally();
            for (int i = 0; i < TESTS; i++) {
                testers.add(client.get("/pay/" + i, "X-Beta: 1"), 0);
            }
            narrator.say(
                    "\"" + green.name() + "\" is the new version. " + PAYMENTS + " requests of /pay: " + all.text());
            narrator.say(String.format(Locale.ROOT, "%d with X-Beta: 1: %s", TESTS, testers.text()));
            narrator.check(
                    allGood(all) && all.upstream(green.name()) == PAYMENTS * TrafficFiles.CANARY_PERCENT / 100,
                    "exactly " + TrafficFiles.CANARY_PERCENT + " % got it");
            narrator.check(
                    allGood(testers) && testers.upstream(green.name()) == TESTS,
                    "and everyone who asked for it by the header");
        }
    }

    private void waits(String who, Tally tally) {
        narrator.say(String.format(
                Locale.ROOT,
                "%s%s; p50 %d ms, p99 %d ms",
                who,
                tally.text(),
                tally.percentileUs(0.5) / 1000,
                tally.percentileUs(0.99) / 1000));
    }

    private static boolean allGood(Tally tally) {
        return tally.answers() > 0 && tally.status(200) == tally.answers() && tally.broken() == 0;
    }
}
