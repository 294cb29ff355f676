package io.penstock.engine;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import java.util.List;

/** What came of preparing a config. */
public sealed interface Preparation {
    /**
     * Ready: publishing it cannot fail.
     *
     * @param warnings what will be served and is probably not meant
     */
    record Ready(Prepared prepared, List<ConfigWarning> warnings) implements Preparation {
        public Ready {
            warnings = List.copyOf(warnings);
        }
    }

    /** It cannot be served; nothing has changed. */
    record Refused(List<ConfigProblem> problems) implements Preparation {
        public Refused {
            problems = List.copyOf(problems);
        }
    }
}
