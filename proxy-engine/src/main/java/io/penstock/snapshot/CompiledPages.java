package io.penstock.snapshot;

import io.penstock.config.ConfigDiff;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ErrorMatch;
import io.penstock.config.ErrorPageConfig;
import io.penstock.config.ResourceChange;
import io.penstock.config.Spelling;
import io.penstock.filter.ErrorPages;
import io.penstock.metrics.Reason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Error pages, compiled once for all routes that show the same. Control thread only. */
final class CompiledPages {
    /** So many sets of pages are kept in mind; a configuration has a few. */
    private static final int SETS_MAX = 1000;

    private final Map<List<ErrorPageConfig>, ErrorPages> compiled = new HashMap<>();

    ErrorPages of(List<ErrorPageConfig> pages) {
        if (compiled.size() >= SETS_MAX) {
            compiled.clear();
        }
        return compiled.computeIfAbsent(pages, ErrorPages::of);
    }

    /** Looks for reasons that there are not, of which the validator knows nothing. */
    static void check(ConfigDiff diff, List<ConfigProblem> problems) {
        List<String> known = Arrays.stream(Reason.values()).map(Reason::code).toList();
        for (ResourceChange change : diff.changes()) {
            if (change.after().orElse(null) instanceof ErrorPageConfig page) {
                for (int i = 0; i < page.covers().size(); i++) {
                    ErrorMatch each = page.covers().get(i);
                    if (!each.reason().isEmpty() && !known.contains(each.reason())) {
                        problems.add(new ConfigProblem(
                                change.ref(),
                                "/for/" + i,
                                ConfigProblem.UNKNOWN_REFERENCE,
                                "there is no reason \"" + each.reason() + "\"",
                                Spelling.nearest(each.reason(), known)
                                        .map(near -> "did you mean \"reason:" + near + "\"?")));
                    }
                }
            }
        }
    }
}
