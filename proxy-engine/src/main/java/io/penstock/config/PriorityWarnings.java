package io.penstock.config;

import java.util.List;
import java.util.Optional;

/** Names in the classes of an admission that nobody has: a class is looked for by each request, and a wrong name fits none. */
final class PriorityWarnings {
    /** Takes what was found. */
    interface Found {
        void add(String pointer, String detail, String hint);
    }

    private final ProxyConfig config;
    private final Found found;

    private PriorityWarnings(ProxyConfig config, Found found) {
        this.config = config;
        this.found = found;
    }

    /** Looks at what a level says of admission. */
    static void look(LevelConfig level, ProxyConfig config, Found found) {
        level.admission().value().ifPresent(admission -> new PriorityWarnings(config, found).look(admission));
    }

    private void look(AdmissionConfig admission) {
        for (int i = 0; i < admission.priorities().size(); i++) {
            PriorityConfig priority = admission.priorities().get(i);
            String at = "/admission/priorities/" + i;
            look("consumer", priority.consumers(), config.consumers().names(), true, at + "/consumers/");
            look("route", priority.routes(), config.routes().names(), true, at + "/routes/");
            // Tokens may name groups that are not configured: only what looks like a slip is worth a word.
            look("consumer group", priority.groups(), config.consumerGroups().names(), false, at + "/groups/");
        }
    }

    private void look(String what, List<String> written, Iterable<String> known, boolean mustBeKnown, String at) {
        for (int i = 0; i < written.size(); i++) {
            String name = written.get(i);
            Optional<String> near = isKnown(name, known) ? Optional.empty() : Spelling.nearest(name, known);
            if (near.isPresent() || (mustBeKnown && !isKnown(name, known))) {
                found.add(
                        at + i,
                        what + " \"" + ValueText.shown(name)
                                + "\" is not defined, and the class holds for nobody by it",
                        near.map(meant -> "did you mean \"" + meant + "\"?").orElse("define it, or take it out"));
            }
        }
    }

    private static boolean isKnown(String name, Iterable<String> known) {
        for (String one : known) {
            if (one.equals(name)) {
                return true;
            }
        }
        return false;
    }
}
