package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How far an apply reaches. */
final class ApplyScope {
    @Option(
            names = "--prune",
            description = "Remove what the document does not hold: only what its owner made, or nobody in particular.")
    private boolean isPruning;

    @Option(
            names = "--select",
            paramLabel = "TAG",
            description = "Touch only resources with this tag, e.g. team=shop. May be repeated.")
    private List<String> select = new ArrayList<>();

    @Option(names = "--take", description = "Change what belongs to other documents too, and own it from now on.")
    private boolean isTaking;

    @Option(names = "--owner", paramLabel = "NAME", description = "Whose the document is, unless it says so itself.")
    private Optional<String> owner = Optional.empty();

    void addTo(ApiClient.Call call) {
        call.flag("prune", isPruning).flag("take", isTaking);
        select.forEach(tag -> call.query("select", tag));
        owner.ifPresent(name -> call.query("owner", name));
    }
}
