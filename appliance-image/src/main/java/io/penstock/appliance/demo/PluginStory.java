package io.penstock.appliance.demo;

import io.penstock.appliance.command.ApiClient;
import io.penstock.appliance.command.CommandFailure;
import io.penstock.appliance.command.ExitCode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** The step of plugins: a file becomes traffic, so does a change of it, and an endless loop hurts nobody but its own route. */
final class PluginStory {
    private static final Duration CALM = Duration.ofSeconds(1);
    private static final Duration REST = Duration.ofMillis(300);
    private static final int BYSTANDERS = 4;
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final int LOOPED_MAX = 200;
    private static final String PATH = "/welcome";
    private static final String BESIDE = "/orders/7";

    private final Narrator narrator;
    private final InetSocketAddress gateway;
    private final ApiClient owner;
    private final ToldCommands commands;
    private final PluginFiles files;
    private final Crowd bystanders;

    PluginStory(
            Narrator narrator, InetSocketAddress gateway, ApiClient owner, ToldCommands commands, PluginFiles files) {
        this.narrator = narrator;
        this.gateway = gateway;
        this.owner = owner;
        this.commands = commands;
        this.files = files;
        this.bystanders = new Crowd(gateway, BYSTANDERS, PAUSE);
    }

    void fileBecomesTraffic() throws IOException {
        narrator.say(files.module() + ":");
        narrator.say(files.source());
        narrator.say("Nothing has run a script yet: the engine opens now, and compiles and warms the hook aside.");
        long beginNs = System.nanoTime();
        Tally beside = bystanders.beside(
                BESIDE,
                REST,
                () -> commands.penstock("apply", files.document().toString(), "--note", "a first plugin"));
        double seconds = (System.nanoTime() - beginNs) / 1e9;
        narrator.say(String.format(
                Locale.ROOT,
                "live after %.1f s; what %s got meanwhile: %s, p99 %d us",
                seconds,
                BESIDE,
                beside.text(),
                beside.percentileUs(0.99)));
        narrator.check(allGood(beside), "every one of them got its 200: the engine was opened beside the traffic");
        says("hello");
    }

    void changeOfTheFile() throws IOException {
        double[] liveMs = {0};
        Tally asking = bystanders.beside(PATH, REST, () -> {
            long savedNs = System.nanoTime();
            files.greet("bonjour");
            narrator.say("\"hello\" becomes \"bonjour\" in " + files.module());
            commands.penstock("plugin", "dev", files.folder().toString(), "--once");
            liveMs[0] = (System.nanoTime() - savedNs) / 1e6;
        });
        narrator.say(String.format(
                Locale.ROOT,
                "%.0f ms from saving the file to every worker serving it, most of it to warm its code up beside the traffic",
                liveMs[0]));
        says("bonjour");
        narrator.check(allGood(asking), "of " + asking.answers() + " requests of " + PATH + " meanwhile none failed");
    }

    void endlessLoop() throws IOException {
        Tally calm = bystanders.during(CALM, BESIDE);
        files.loop();
        narrator.say("now " + files.module() + " says:");
        narrator.say(files.source());
        commands.penstock("plugin", "dev", files.folder().toString(), "--once");
        Tally looped = new Tally();
        Tally beside = bystanders.beside(BESIDE, REST, () -> askUntilQuarantined(looped));
        narrator.say("what " + PATH + " got: " + looped.text() + "; the longest wait " + looped.percentileUs(1) / 1000
                + " ms");
        narrator.check(
                looped.answers() > 0
                        && looped.reason("filter-failed") == looped.answers()
                        && looped.status(500) == looped.answers()
                        && looped.broken() == 0,
                "each was ended with 500, as the plugin's onFailure (closed) says: none hung");
        narrator.gap();
        String listed = commands.penstock("plugin", "list", PluginFiles.NAME);
        JsonNode version = serving();
        JsonNode faults = version.path("faults");
        narrator.say("its faults: " + faults);
        // On a machine that is busy with other things the clock, or the count of statements, may say enough before the
        // CPU
        // time does.
        long stops = 0;
        for (String budget : List.of("cpu-budget", "wall-budget", "statement-budget")) {
            stops += faults.path(budget).asLong(0);
        }
        narrator.check(
                listed.contains("quarantined")
                        && version.path("state").asString("").equals("quarantined")
                        && stops >= 5,
                "stopped over its budget five times, the version is in quarantine and is not called any more");
        narrator.gap();
        waits("before", calm);
        waits("beside the loop", beside);
        narrator.check(
                allGood(calm) && allGood(beside),
                "every bystander got its 200; the longest wait is of those whose worker had a script to stop");
    }

    void takenBack() throws IOException {
        long beginNs = System.nanoTime();
        commands.penstock("plugin", "rollback", PluginFiles.NAME, "--note", "it loops");
        narrator.say(String.format(Locale.ROOT, "back in %.0f ms", (System.nanoTime() - beginNs) / 1e6));
        files.greet("bonjour");
        says("bonjour");
    }

    private void askUntilQuarantined(Tally looped) throws IOException {
        for (int i = 0; i < LOOPED_MAX && !serving().path("state").asString("").equals("quarantined"); i++) {
            try (ToyClient client = new ToyClient(gateway)) {
                long beginNs = System.nanoTime();
                looped.add(client.get(PATH), System.nanoTime() - beginNs);
            }
        }
    }

    /** The version that the route uses. */
    private JsonNode serving() {
        for (JsonNode version : owner.get("/v1/plugins/" + PluginFiles.NAME).path("versions")) {
            if (!version.path("usedBy").isEmpty()) {
                return version;
            }
        }
        throw new CommandFailure(ExitCode.FAILED, "no version of the plugin is in use");
    }

    private void waits(String when, Tally tally) {
        narrator.say(String.format(
                Locale.ROOT,
                "%s %s: %s; p50 %d us, p99 %d us, longest %d ms",
                BESIDE,
                when,
                tally.text(),
                tally.percentileUs(0.5),
                tally.percentileUs(0.99),
                tally.percentileUs(1) / 1000));
    }

    private void says(String word) throws IOException {
        try (ToyClient client = new ToyClient(gateway)) {
            ToyAnswer answer = client.get(PATH);
            narrator.say("$ curl http://" + gateway.getAddress().getHostAddress() + ":" + gateway.getPort() + PATH);
            narrator.say(answer.body().strip());
            narrator.check(
                    answer.status() == 200 && answer.body().startsWith(word + ", "),
                    "the very next request says \"" + word + "\"");
        }
    }

    private static boolean allGood(Tally tally) {
        return tally.answers() > 0 && tally.status(200) == tally.answers() && tally.broken() == 0;
    }
}
