package io.penstock.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lookup, explanation and the plain reference agree on random tables, whatever the order and history of edits. */
final class RouteDecisionPropertyTest {
    private static final long SEED = 20261120L;
    private static final int REQUESTS_PER_TABLE = 10_000;

    /** A version with what it must say. */
    private record Version(RouteTable table, ReferenceRoutes reference) {}

    private final RouteLookup lookup = new RouteLookup();

    @Test
    void lookupExplanationAndReferenceAgree() {
        agreeOn(200_000, SEED);
    }

    @Test
    @Tag("long")
    void lookupExplanationAndReferenceAgreeOnAMillionRequests() {
        agreeOn(1_000_000, 7 * SEED);
    }

    private void agreeOn(int requests, long firstSeed) {
        for (int i = 0; i < requests / REQUESTS_PER_TABLE; i++) {
            long seed = firstSeed + i;
            Random random = new Random(seed);
            RandomRoutes world = new RandomRoutes(random);
            List<RouteEntry> entries = entries(world, 1 + random.nextInt(60));
            RouteTable table = table(entries);
            Collections.shuffle(entries, random);
            RouteTable shuffled = table(entries);
            ReferenceRoutes reference = new ReferenceRoutes(entries);
            for (int n = 0; n < REQUESTS_PER_TABLE; n++) {
                FakeQuery query = world.query();
                ReferenceRoutes.Decision wanted = reference.decide(query);
                check(table, query, wanted, seed);
                int other = lookup.find(shuffled, query);
                if (other != wanted.route()) {
                    throw failure("after another order of insertion", query, wanted.route(), other, seed);
                }
            }
        }
    }

    @Test
    void pinnedVersionsSayWhatTheySaidWhileOthersAreEdited() {
        Random random = new Random(SEED);
        RandomRoutes world = new RandomRoutes(random);
        RouteTableWriter writer = new RouteTableWriter();
        Map<String, RouteEntry> entries = new HashMap<>();
        ArrayDeque<Version> live = new ArrayDeque<>();
        for (int step = 0; step < 4_000; step++) {
            edit(random, world, writer, entries, step);
            if (live.size() >= RouteTableWriter.TABLES_MAX) {
                retireOne(random, writer, live);
            }
            live.add(new Version(writer.publish(), new ReferenceRoutes(entries.values())));
            for (Version version : live) {
                FakeQuery query = world.query();
                check(version.table(), query, version.reference().decide(query), SEED);
            }
        }
    }

    @Test
    void editsTakenBackLeaveNoTrace() {
        Random random = new Random(SEED);
        RandomRoutes world = new RandomRoutes(random);
        RouteTableWriter writer = new RouteTableWriter();
        Map<String, RouteEntry> entries = new HashMap<>();
        for (int step = 0; step < 2_000; step++) {
            Map<String, RouteEntry> tried = new HashMap<>(entries);
            edit(random, world, writer, tried, step);
            switch (random.nextInt(3)) {
                case 0 -> writer.rollback();
                case 1 -> writer.discard(writer.publish());
                default -> entries = tried;
            }
            RouteTable table = writer.publish();
            ReferenceRoutes reference = new ReferenceRoutes(entries.values());
            for (int n = 0; n < 5; n++) {
                FakeQuery query = world.query();
                check(table, query, reference.decide(query), SEED);
            }
            writer.retireBelow(table.version());
            assertThat(writer.routeCount()).isEqualTo(entries.size());
        }
    }

    private static void edit(
            Random random, RandomRoutes world, RouteTableWriter writer, Map<String, RouteEntry> entries, int step) {
        int edits = 1 + random.nextInt(3);
        for (int i = 0; i < edits; i++) {
            String name = "r" + random.nextInt(80);
            if (random.nextInt(3) == 0) {
                assertThat(writer.remove(name)).isEqualTo(entries.remove(name) != null);
            } else {
                RouteEntry entry = world.entry(step * 4 + i, name);
                writer.put(entry);
                entries.put(name, entry);
            }
        }
    }

    private static void retireOne(Random random, RouteTableWriter writer, ArrayDeque<Version> live) {
        int index = random.nextInt(live.size() - 1);
        Iterator<Version> versions = live.iterator();
        for (int i = 0; i < index; i++) {
            versions.next();
        }
        writer.retire(versions.next().table().version());
        versions.remove();
    }

    private static List<RouteEntry> entries(RandomRoutes world, int count) {
        List<RouteEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(world.entry(i, "r" + i));
        }
        return entries;
    }

    private static RouteTable table(List<RouteEntry> entries) {
        RouteTableWriter writer = new RouteTableWriter();
        entries.forEach(writer::put);
        return writer.publish();
    }

    private void check(RouteTable table, FakeQuery query, ReferenceRoutes.Decision wanted, long seed) {
        int found = lookup.find(table, query);
        if (found != wanted.route()) {
            throw failure("lookup", query, wanted.route(), found, seed);
        }
        if (found == RouteLookup.METHOD_NOT_ALLOWED
                && !wanted.allow()
                        .equals(List.copyOf(
                                new TreeSet<>(List.of(lookup.allowHeader().split(", ")))))) {
            throw failure("allow", query, wanted.allow(), lookup.allowHeader(), seed);
        }
        RouteExplanation explained = table.explain(query);
        if (explained.routeId() != found) {
            throw failure("explanation", query, found, explained.routeId(), seed);
        }
        if (found == RouteLookup.METHOD_NOT_ALLOWED
                && !wanted.allow().equals(List.copyOf(new TreeSet<>(explained.allow())))) {
            throw failure("explained allow", query, wanted.allow(), explained.allow(), seed);
        }
        checkList(explained, query, found, seed);
    }

    // The list says what the decision says: one winner if there is one, in front of it only losers, in falling order.
    private static void checkList(RouteExplanation explained, FakeQuery query, int found, long seed) {
        long winners = 0;
        List<Integer> before = null;
        for (RouteCandidate candidate : explained.considered()) {
            boolean isWinner = candidate.result() == RouteCandidate.Result.MATCH;
            winners += isWinner ? 1 : 0;
            if ((isWinner && candidate.routeId() != found)
                    || (winners == 0 && candidate.result() == RouteCandidate.Result.OUTRANKED)
                    || isWinner != candidate.because().isEmpty()) {
                throw failure("list", query, found, explained.considered(), seed);
            }
            if (found >= 0 && before != null && compare(before, candidate.specificity()) < 0) {
                throw failure("order", query, found, explained.considered(), seed);
            }
            before = candidate.specificity();
        }
        if (winners != (found >= 0 ? 1 : 0)) {
            throw failure("winners", query, found, explained.considered(), seed);
        }
    }

    private static int compare(List<Integer> left, List<Integer> right) {
        for (int i = 0; i < left.size(); i++) {
            int order = Integer.compare(left.get(i), right.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static AssertionError failure(String what, FakeQuery query, Object wanted, Object found, long seed) {
        return new AssertionError(
                what + " for " + query + ": wanted " + wanted + ", found " + found + ", seed " + seed);
    }
}
