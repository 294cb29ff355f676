package io.penstock.appliance.command;

import java.util.Optional;
import picocli.CommandLine.Option;

/** Why a command makes a revision. */
final class RevisionNote {
    @Option(
            names = {"-m", "--note"},
            paramLabel = "TEXT",
            description = "Why, for the revision and the audit log.")
    private Optional<String> text = Optional.empty();

    Optional<String> text() {
        return text;
    }
}
