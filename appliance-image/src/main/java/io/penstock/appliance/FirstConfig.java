package io.penstock.appliance;

import io.penstock.admin.resource.ApiProblem;
import io.penstock.admin.resource.DocumentPlugin;
import io.penstock.admin.resource.Fault;
import io.penstock.admin.resource.PluginRegistry;
import io.penstock.admin.revision.ChangeAuthority;
import io.penstock.admin.revision.Edit;
import io.penstock.admin.revision.EditResult;
import io.penstock.appliance.command.SourceDocument;
import io.penstock.config.ConfigProblem;
import io.penstock.spi.PluginRefusedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The document that {@code --apply} names: what is to be served from the start in place of what is stored. */
final class FirstConfig {
    private static final String ADDRESS_REFUSED = "address-refused";

    private final SourceDocument source;

    private FirstConfig(SourceDocument source) {
        this.source = source;
    }

    /**
     * Reads the document and what it points to beside it.
     *
     * @throws io.penstock.appliance.command.CommandFailure with every fault
     */
    static FirstConfig read(Path file, Map<String, String> environment) {
        return new FirstConfig(SourceDocument.read(file, environment));
    }

    /** What {@code PUT /v1/config} would do with it; nothing if nothing differs. */
    Edit edit() {
        return Edit.of(
                        "command",
                        ChangeAuthority.all(),
                        "replace",
                        "/config",
                        source.document().replacement())
                .withNote(Optional.of("penstock run --apply"));
    }

    /**
     * Stores the packages that the document points to, before what names them is served.
     *
     * @throws StartFailure with every fault of the first that is refused, or of all that are not there
     */
    void storePlugins(PluginRegistry registry) throws StartFailure {
        PluginRegistry.Actor actor =
                new PluginRegistry.Actor("command", Optional.empty(), Optional.of("penstock run --apply"));
        for (DocumentPlugin plugin : source.document().plugins()) {
            if (plugin.zip().isPresent()) {
                try {
                    registry.put(plugin.name(), plugin.version(), plugin.zip().get(), actor, false);
                } catch (PluginRefusedException refused) {
                    StringBuilder text = new StringBuilder("plugin " + plugin.id() + " is refused:");
                    refused.faults()
                            .forEach(fault -> text.append("\n  ")
                                    .append(fault.where())
                                    .append(": ")
                                    .append(fault.detail()));
                    throw new StartFailure(StartFailure.Kind.OTHER, text.toString(), refused);
                } catch (ApiProblem refused) {
                    throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
                }
            }
        }
        List<Fault> absent = registry.absent(source.document().plugins());
        if (!absent.isEmpty()) {
            throw new StartFailure(StartFailure.Kind.OTHER, source.text(absent));
        }
    }

    /** Why it is not served, with line and column. */
    StartFailure refused(EditResult.Rejected rejected) {
        return rejected instanceof EditResult.Refused(List<ConfigProblem> problems)
                ? failure(problems, source.text(faults(problems)))
                : notServed(rejected);
    }

    private List<Fault> faults(List<ConfigProblem> problems) {
        return problems.stream().map(source.document()::locate).toList();
    }

    /** Why what is stored is not served. */
    static StartFailure notServed(EditResult.Rejected rejected) {
        if (rejected instanceof EditResult.Refused(List<ConfigProblem> problems)) {
            StringBuilder text = new StringBuilder("the stored configuration cannot be served here:");
            for (ConfigProblem problem : problems) {
                text.append("\n  ").append(problem.resource()).append(": ").append(problem.detail());
                problem.hint().ifPresent(way -> text.append("\n    ").append(way));
            }
            return failure(problems, text.toString());
        }
        return new StartFailure(
                StartFailure.Kind.OTHER,
                rejected instanceof EditResult.StoreFailed failed
                        ? failed.problem().text()
                        : "the configuration is not served: " + rejected);
    }

    private static StartFailure failure(List<ConfigProblem> problems, String text) {
        boolean isAboutAddresses = !problems.isEmpty()
                && problems.stream().allMatch(problem -> problem.code().equals(ADDRESS_REFUSED));
        return new StartFailure(isAboutAddresses ? StartFailure.Kind.ADDRESS_IN_USE : StartFailure.Kind.OTHER, text);
    }
}
