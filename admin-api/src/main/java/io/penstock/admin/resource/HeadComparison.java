package io.penstock.admin.resource;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What somebody else (another version, another configuration) says of heads that came, beside what was said of them: kinds of differences in
 * words, each with how many heads have it and one of them.
 *
 * @param heads how many were compared
 * @param routes how many different routes serve them by what was said
 * @param differing how many of them differ
 * @param differences by how many heads have them, most first
 * @param differencesLeftOut further kinds for which there was no room
 */
public record HeadComparison(
        int heads, int routes, int differing, List<Difference> differences, int differencesLeftOut) {
    /** Kinds that are told. */
    public static final int DIFFERENCES_MAX = 200;

    public HeadComparison {
        differences = List.copyOf(differences);
    }

    /**
     * One kind.
     *
     * @param what in words: what was, and what would be
     * @param heads how many have it
     * @param example the first of them, with what was decided
     * @param now what would be decided of the example; absent if it could not come at all
     */
    public record Difference(
            String what, int heads, EnginePort.HeadView example, Optional<EnginePort.DecisionView> now) {}

    /** Whether nothing would be other than it was. */
    public boolean isSame() {
        return differing == 0;
    }

    /** Asks somebody else about each head. */
    public static HeadComparison of(
            List<EnginePort.HeadView> heads,
            Function<EnginePort.ExplainQuery, Optional<EnginePort.DecisionView>> other) {
        Map<String, Difference> kinds = new LinkedHashMap<>();
        Set<String> routes = new TreeSet<>();
        int differing = 0;
        int leftOut = 0;
        for (EnginePort.HeadView head : heads) {
            head.decision().flatMap(EnginePort.DecisionView::route).ifPresent(routes::add);
            Optional<EnginePort.DecisionView> now = other.apply(head.query());
            List<String> words = differences(head, now);
            differing += words.isEmpty() ? 0 : 1;
            for (String what : words) {
                Difference known = kinds.get(what);
                if (known != null) {
                    kinds.put(what, new Difference(what, known.heads() + 1, known.example(), known.now()));
                } else if (kinds.size() < DIFFERENCES_MAX) {
                    kinds.put(what, new Difference(what, 1, head, now));
                } else {
                    leftOut++;
                }
            }
        }
        List<Difference> sorted = kinds.values().stream()
                .sorted((one, another) -> Integer.compare(another.heads(), one.heads()))
                .toList();
        return new HeadComparison(heads.size(), routes.size(), differing, sorted, leftOut);
    }

    private static List<String> differences(EnginePort.HeadView head, Optional<EnginePort.DecisionView> now) {
        Optional<EnginePort.DecisionView> was = head.decision();
        if (was.isEmpty() || now.isEmpty()) {
            return was.isEmpty() == now.isEmpty()
                    ? List.of()
                    : List.of("listener \"" + head.listener() + "\" "
                            + (now.isEmpty() ? "would be open no more" : "was not open, and would be"));
        }
        return differences(was.get(), now.get());
    }

    private static List<String> differences(EnginePort.DecisionView was, EnginePort.DecisionView now) {
        List<String> words = new ArrayList<>();
        if (!was.route().equals(now.route())) {
            words.add(named("route", was.route()) + " -> " + named("route", now.route()));
        }
        if (!was.reason().equals(now.reason())) {
            words.add(on(was) + was.reason().map(code -> "refused, " + code).orElse("not refused") + " -> "
                    + now.reason().map(code -> "refused, " + code).orElse("not refused"));
        }
        // What follows of another route or of a refusal is not told one by one.
        if (words.isEmpty()) {
            if (!was.upstream().equals(now.upstream())) {
                words.add(on(was) + named("upstream", was.upstream()) + " -> " + named("upstream", now.upstream()));
            }
            if (!was.path().equals(now.path())) {
                words.add(on(was) + "the path is read otherwise");
            }
            if (!was.rewritten().equals(now.rewritten())) {
                words.add(on(was) + "the endpoint is asked for another path");
            }
            steps(was, now, words);
        }
        return words;
    }

    private static void steps(EnginePort.DecisionView was, EnginePort.DecisionView now, List<String> words) {
        List<EnginePort.StepView> gone = new ArrayList<>(was.steps());
        now.steps().forEach(gone::remove);
        List<EnginePort.StepView> added = new ArrayList<>(now.steps());
        was.steps().forEach(added::remove);
        gone.forEach(step -> words.add(on(was) + "step gone: " + text(step)));
        added.forEach(step -> words.add(on(was) + "step added: " + text(step)));
        if (gone.isEmpty() && added.isEmpty() && !was.steps().equals(now.steps())) {
            words.add(on(was) + "the steps come in another order");
        }
    }

    private static String text(EnginePort.StepView step) {
        return step.phase() + " " + step.what() + " (" + step.from() + ")";
    }

    private static String on(EnginePort.DecisionView decision) {
        return named("route", decision.route()) + ": ";
    }

    private static String named(String noun, Optional<String> name) {
        return name.map(found -> noun + " \"" + found + "\"").orElse("no " + noun);
    }
}
