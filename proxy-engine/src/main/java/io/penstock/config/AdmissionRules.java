package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an admission must keep, wherever it is written. */
final class AdmissionRules {
    private static final int VALUES_MAX = 64;

    private AdmissionRules() {}

    static void check(AdmissionConfig admission, Scope at) {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < admission.priorities().size(); i++) {
            PriorityConfig priority = admission.priorities().get(i);
            Scope here = at.in("priorities").in(i);
            if (!names.add(priority.name())) {
                here.in("name")
                        .add(
                                ConfigProblem.DUPLICATE,
                                "\"" + ValueText.shown(priority.name()) + "\" is named twice",
                                "give each class a name of its own");
            }
            if (priority.groups().isEmpty()
                    && priority.consumers().isEmpty()
                    && priority.headers().isEmpty()
                    && priority.routes().isEmpty()) {
                here.add(
                        ConfigProblem.REQUIRED,
                        "class \"" + ValueText.shown(priority.name()) + "\" has no condition and would hold for all",
                        "give it groups, consumers, headers or routes");
            }
            checkValues(priority.groups(), here.in("groups"));
            checkValues(priority.consumers(), here.in("consumers"));
            checkValues(priority.routes(), here.in("routes"));
            checkHeaders(priority.headers(), here.in("headers"));
        }
    }

    private static void checkValues(List<String> values, Scope at) {
        checkCount(values.size(), at);
        RouteRules.checkDistinct(values, at);
    }

    private static void checkHeaders(List<FieldMatch> headers, Scope at) {
        checkCount(headers.size(), at);
        for (int i = 0; i < headers.size(); i++) {
            FieldMatch field = headers.get(i);
            FieldGrammar.checkName(field.name(), at.in(i).in("name"));
            if (field.type() == FieldMatchType.REGEX) {
                at.in(i)
                        .in("type")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found type regex, wanted exact, present or absent",
                                "a class is looked for by each request; name the values, or use present");
            } else {
                RouteRules.checkCondition(field, at.in(i));
            }
        }
    }

    private static void checkCount(int count, Scope at) {
        if (count > VALUES_MAX) {
            at.add(ConfigProblem.BAD_VALUE, "found " + count + " values, wanted at most " + VALUES_MAX);
        }
    }
}
