package io.penstock.snapshot;

import io.penstock.config.ConfigProblem;
import java.util.List;

/** A configuration that passed the validator cannot be compiled after all. Nothing is kept of the try. */
public final class SnapshotRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigProblem> problems;

    /** A refusal with everything that stands against it. */
    public SnapshotRefusedException(List<ConfigProblem> problems) {
        super(problems.toString());
        this.problems = List.copyOf(problems);
    }

    /** Everything that stands against it. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
