package io.penstock.appliance.command;

import io.penstock.admin.resource.Fault;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Documents that are not taken, and all that is wrong with them: for people by its message, for programs by {@link #json}. */
final class DocumentRefused extends CommandFailure {
    private static final long serialVersionUID = 1L;

    private final transient List<Placed> faults;

    /**
     * One fault.
     *
     * @param source the file, as it was named
     * @param fault with line and column if they are known
     */
    record Placed(String source, Fault fault) {}

    DocumentRefused(String message, List<Placed> faults) {
        super(ExitCode.FAILED, message);
        this.faults = List.copyOf(faults);
    }

    /** The faults, with the members that the admin API gives to its own, and the file of each. */
    JsonNode json() {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("valid", false);
        var errors = body.putArray("errors");
        for (Placed placed : faults) {
            Fault fault = placed.fault();
            ObjectNode error = errors.addObject()
                    .put("file", placed.source())
                    .put("pointer", fault.pointer())
                    .put("code", fault.code())
                    .put("detail", fault.detail());
            fault.hint().ifPresent(way -> error.put("hint", way));
            fault.position().ifPresent(place -> error.put("line", place.line()).put("column", place.column()));
        }
        return body;
    }
}
