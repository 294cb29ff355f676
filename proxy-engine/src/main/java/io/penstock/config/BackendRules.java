package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.List;
import java.util.Optional;

/** What the backends of one route must keep together. */
final class BackendRules {
    private static final int BACKENDS_MAX = 64;
    private static final int CONDITIONS_MAX = 16;

    private BackendRules() {}

    static void check(List<BackendConfig> backends, Scope at) {
        if (backends.size() > BACKENDS_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + backends.size() + " backends, wanted at most " + BACKENDS_MAX);
        }
        if (!backends.isEmpty() && backends.stream().allMatch(backend -> backend.effectiveWeight() == 0)) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "every backend has weight 0, so nobody takes what no condition names",
                    "give one of them a weight; a backend with `when` has 0 unless it says otherwise");
        }
        Optional<StickyBy> first = Optional.empty();
        for (int i = 0; i < backends.size(); i++) {
            BackendConfig backend = backends.get(i);
            Scope here = at.in(i);
            backend.when().ifPresent(when -> checkConditions(when, here.in("when")));
            if (backend.sticky().isPresent()) {
                if (first.isPresent() && !first.equals(backend.sticky())) {
                    here.in("sticky")
                            .add(
                                    ConfigProblem.BAD_VALUE,
                                    "found \"" + backend.sticky().get() + "\" beside \"" + first.get()
                                            + "\"; a route has one kind of stickiness",
                                    "write the same in each backend, or leave it out");
                } else {
                    first = backend.sticky();
                }
            }
        }
    }

    private static void checkConditions(BackendConditions when, Scope at) {
        if (when.headers().isEmpty() && when.cookies().isEmpty()) {
            at.add(
                    ConfigProblem.REQUIRED,
                    "a `when` without conditions would take every request",
                    "name headers or cookies, or give a weight instead");
        }
        checkFields(when.headers(), at.in("headers"));
        checkFields(when.cookies(), at.in("cookies"));
    }

    private static void checkFields(List<FieldMatch> conditions, Scope at) {
        if (conditions.size() > CONDITIONS_MAX) {
            at.add(
                    ConfigProblem.BAD_VALUE,
                    "found " + conditions.size() + " conditions, wanted at most " + CONDITIONS_MAX);
        }
        for (int i = 0; i < conditions.size(); i++) {
            FieldMatch field = conditions.get(i);
            FieldGrammar.checkName(field.name(), at.in(i).in("name"));
            if (field.type() == FieldMatchType.REGEX) {
                at.in(i)
                        .in("type")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found regex, wanted exact, present or absent",
                                "a route of its own can match a header by regex and name the service");
            } else {
                RouteRules.checkCondition(field, at.in(i));
            }
        }
    }
}
