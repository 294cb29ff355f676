package io.penstock.appliance.demo;

import io.penstock.appliance.command.ApiAnswer;
import io.penstock.appliance.command.ApiClient;
import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.ExplainText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The tour: each step asks the real gateway over real connections, says what came of it, and checks it. */
final class Story {
    private static final Duration BEFORE_KILL = Duration.ofMillis(800);
    private static final Duration AFTER_KILL = Duration.ofMillis(1700);
    private static final int BURST_CLIENTS = 10;
    private static final int BURST_EACH = 6;

    private final Narrator narrator;
    private final InetSocketAddress gateway;
    private final URI admin;
    private final ApiClient owner;
    private final ToyUpstream blue;
    private final ToyUpstream green;
    private final Duration loadTime;
    private final TrafficStory traffic;
    private final PluginStory plugins;

    Story(
            Narrator narrator,
            InetSocketAddress gateway,
            URI admin,
            ApiClient owner,
            ToyUpstream blue,
            ToyUpstream green,
            Duration loadTime,
            TrafficStory traffic,
            PluginStory plugins) {
        this.narrator = narrator;
        this.gateway = gateway;
        this.admin = admin;
        this.owner = owner;
        this.blue = blue;
        this.green = green;
        this.loadTime = loadTime;
        this.traffic = traffic;
        this.plugins = plugins;
    }

    /** A step that may fail on its own without ending the tour. */
    private interface Step {
        void run() throws IOException;
    }

    /** Tells it, as long as someone listens. */
    void tell(BooleanSupplier isWanted) {
        Map<String, Step> steps = new LinkedHashMap<>();
        steps.put("A first route", this::firstRoute);
        steps.put("A 404, explained", this::explained);
        steps.put("One of two upstreams is killed", this::killed);
        steps.put("A burst over the limit", this::burst);
        steps.put("More come than can be served", traffic::moreThanCanBeServed);
        steps.put("A target that lies", traffic::targetThatLies);
        steps.put("What one target fails, the other does", traffic::triedAgain);
        steps.put("A key and a quota of one's own", traffic::ownKeyAndQuota);
        steps.put("A canary", traffic::canary);
        steps.put("A change, a rollback, and who did it", this::change);
        steps.put("What a request costs now", this::cost);
        steps.put("A file becomes traffic: a plugin in JavaScript", plugins::fileBecomesTraffic);
        steps.put("The file is edited", plugins::changeOfTheFile);
        steps.put("It loops for ever", plugins::endlessLoop);
        steps.put("It is taken back", plugins::takenBack);
        steps.forEach((title, step) -> {
            if (isWanted.getAsBoolean()) {
                step(title, step);
            }
        });
    }

    private void step(String title, Step step) {
        narrator.chapter(title);
        try {
            step.run();
        } catch (IOException | CommandFailure failed) {
            narrator.broke(title + ": " + failed.getMessage());
        }
    }

    private void firstRoute() throws IOException {
        try (ToyClient client = new ToyClient(gateway)) {
            show(client, "/hello");
            ToyAnswer answer = show(client, "/orders/7");
            narrator.check(
                    answer.status() == 200 && answer.body().contains("/orders/7"),
                    "route \"orders\" went to toy upstream \""
                            + answer.header("X-Upstream").orElse("?") + "\" and back");
        }
    }

    private ToyAnswer show(ToyClient client, String path) throws IOException {
        ToyAnswer answer = client.get(path);
        narrator.say("$ curl " + url(path));
        narrator.say(answer.body().strip());
        return answer;
    }

    private void explained() throws IOException {
        try (ToyClient client = new ToyClient(gateway)) {
            narrator.say("$ curl " + url("/beta/1"));
            ToyAnswer answer = client.get("/beta/1");
            narrator.say(answer.body().strip());
            narrator.check(
                    answer.status() == 404 && answer.header("X-Penstock-Reason").equals(Optional.of("no-route")),
                    "the answer carries its reason and the line to type");
        }
        ObjectNode sample =
                JsonNodeFactory.instance.objectNode().put("method", "GET").put("url", url("/beta/1"));
        JsonNode found = owner.call("POST", "/v1/explain").json(sample).send().json();
        narrator.gap();
        narrator.say("$ penstock explain GET " + url("/beta/1"));
        narrator.say(String.join("\n", ExplainText.of(found)));
        narrator.check(because(found, "beta").contains("x-beta"), "the losing condition: " + because(found, "beta"));
    }

    private static String because(JsonNode found, String route) {
        for (JsonNode candidate : found.path("considered")) {
            if (candidate.path("route").asString("").equals(route)) {
                return candidate.path("because").asString("");
            }
        }
        return "";
    }

    private void killed() {
        narrator.say("8 clients ask for /orders without a pause; after " + BEFORE_KILL.toMillis() + " ms \""
                + blue.name() + "\" is killed with all its connections.");
        Crowd crowd = new Crowd(gateway, 8);
        Tally seen = crowd.around("/orders/7", BEFORE_KILL, blue::kill, AFTER_KILL);
        narrator.say("what the clients saw: " + seen.text());
        narrator.check(
                seen.broken() == 0 && seen.status(200) > 0 && seen.upstream(green.name()) > 0,
                "every request got an answer, " + percent(seen.status(200), seen.answers()) + " of them a 200");
        blue.bringBack();
        Tally after = crowd.each(25, "/orders/7");
        narrator.say("\"" + blue.name() + "\" is back: " + after.text());
        narrator.check(
                after.status(200) == 8 * 25 && after.upstream(blue.name()) > 0,
                "all answers are 200 again and \"" + blue.name() + "\" takes its share");
    }

    private void burst() {
        int sent = BURST_CLIENTS * BURST_EACH;
        narrator.say("limit \"per-client\": " + DemoDocument.BURST + " at once, then " + DemoDocument.RATE
                + " a second. " + BURST_CLIENTS + " connections of one client send " + sent + " requests at once.");
        long beginNs = System.nanoTime();
        Tally seen = new Crowd(gateway, BURST_CLIENTS).each(BURST_EACH, "/sale");
        double seconds = (System.nanoTime() - beginNs) / 1e9;
        narrator.say(String.format(Locale.ROOT, "in %.0f ms: ", seconds * 1000) + seen.text());
        int passed = seen.status(200);
        int shed = seen.status(429);
        // What the limit gives back while the burst lasts may pass too, and not one more.
        int passedMax = DemoDocument.BURST + (int) Math.ceil(seconds * DemoDocument.RATE);
        narrator.check(
                passed >= DemoDocument.BURST
                        && passed <= passedMax
                        && shed == sent - passed
                        && seen.reason("rate-limited") == shed,
                passed + " passed, " + shed + " were shed with 429 and Retry-After, exactly counted over all workers");
    }

    private void change() throws IOException {
        ObjectNode wish = JsonNodeFactory.instance.objectNode().put("name", "ana");
        wish.putArray("roles").add("editor");
        String secret = owner.call("POST", "/v1/tokens")
                .json(wish)
                .send()
                .json()
                .path("secret")
                .asString("");
        try (ApiClient ana = new ApiClient(admin, Optional.of(secret));
                ToyClient client = new ToyClient(gateway)) {
            // The first call of a new client connects; that is not what is measured.
            long before = ana.get("/v1/node").path("config").path("revision").asLong(0);
            ObjectNode patch = JsonNodeFactory.instance.objectNode();
            patch.putObject("respond").put("status", 200).put("body", "hello from Ana");
            long changeNs = System.nanoTime();
            ApiAnswer changed = ana.call("PATCH", "/v1/routes/hello")
                    .json(patch)
                    .header("Content-Type", "application/merge-patch+json")
                    .header("If-Match", "*")
                    .note(Optional.of("a warmer welcome"))
                    .send();
            double changeMs = (System.nanoTime() - changeNs) / 1e6;
            String said = client.get("/hello").body().strip();
            narrator.say(String.format(
                    Locale.ROOT,
                    "Ana changes route \"hello\": revision %s, stored, flushed and served by every worker in %.1f ms",
                    changed.header("Config-Revision").orElse("?"),
                    changeMs));
            narrator.check(said.equals("hello from Ana"), "the very next request says \"" + said + "\"");
            long rollbackNs = System.nanoTime();
            ApiAnswer rolledBack = ana.call("POST", "/v1/config/revisions/" + before + ":rollback")
                    .note(Optional.of("too warm"))
                    .send();
            double rollbackMs = (System.nanoTime() - rollbackNs) / 1e6;
            String again = client.get("/hello").body().strip();
            narrator.say(String.format(
                    Locale.ROOT,
                    "She rolls back to revision %d: revision %s in %.1f ms",
                    before,
                    rolledBack.header("Config-Revision").orElse("?"),
                    rollbackMs));
            narrator.check(again.equals("hello from Penstock"), "the very next request says \"" + again + "\"");
            audit(ana);
        }
    }

    private void audit(ApiClient ana) {
        narrator.gap();
        narrator.say("$ penstock audit --actor token:ana");
        JsonNode lines = ana.call("GET", "/v1/audit")
                .query("actor", "token:ana")
                .query("limit", "2")
                .send()
                .json()
                .path("items");
        for (JsonNode line : lines) {
            narrator.say(String.join(
                    "  ",
                    List.of(
                            line.path("timestamp").asString(""),
                            line.path("actor").asString(""),
                            line.path("action").asString(""),
                            line.path("target").asString(""),
                            "revision " + line.path("revision").asLong(0),
                            "\"" + line.path("note").asString("") + "\"")));
        }
        narrator.check(lines.size() == 2, "the audit log has both, with her name and her words");
    }

    private void cost() {
        Crowd crowd = new Crowd(gateway, 16);
        narrator.say("16 connections ask for /orders without a pause for " + loadTime.toSeconds()
                + " s to warm up, then " + loadTime.toSeconds() + " s to measure.");
        crowd.during(loadTime, "/orders/7");
        long cpuBeforeNs = WorkerClock.cpuNs();
        long beginNs = System.nanoTime();
        Tally seen = crowd.during(loadTime, "/orders/7");
        double seconds = (System.nanoTime() - beginNs) / 1e9;
        long cpuNs = WorkerClock.cpuNs() - cpuBeforeNs;
        narrator.say(String.format(
                Locale.ROOT,
                "%d requests, %.0f a second, p50 %d us, p99 %d us as the clients saw it",
                seen.answers(),
                seen.answers() / seconds,
                seen.percentileUs(0.50),
                seen.percentileUs(0.99)));
        if (cpuBeforeNs < 0) {
            narrator.say("this JVM does not tell the CPU time of threads");
        } else {
            narrator.say(String.format(
                    Locale.ROOT,
                    "%.1f us of CPU per request in the gateway's workers, kernel included, access log and metrics on",
                    cpuNs / 1e3 / Math.max(1, seen.answers())));
        }
        narrator.say(
                "Clients, gateway and upstreams share " + Runtime.getRuntime().availableProcessors()
                        + " cores and one young JVM here, so this is no benchmark: docs/PERFORMANCE.md has those.");
        narrator.check(
                seen.answers() > 0 && seen.status(200) == seen.answers() && seen.broken() == 0,
                "every one of them was answered with 200");
    }

    private String url(String path) {
        return "http://" + gateway.getAddress().getHostAddress() + ":" + gateway.getPort() + path;
    }

    private static String percent(int part, int all) {
        return String.format(Locale.ROOT, "%.2f %%", all == 0 ? 0 : 100.0 * part / all);
    }
}
