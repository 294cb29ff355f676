package io.penstock.admin.resource;

import io.penstock.admin.machine.MachinePort;
import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.ConfigStore;
import io.penstock.config.ConfigProblem;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Puts questions to the machine, and what it refuses into the words of the API. Any thread. */
final class Machine {
    private final SystemPort system;

    Machine(SystemPort system) {
        this.system = system;
    }

    /**
     * What the machine did.
     *
     * @throws ApiProblem if there is none, it did not answer, or it refused
     */
    JsonNode ask(String word, ObjectNode question) {
        MachinePort port = system.machine().orElseThrow(Machine::notAnAppliance);
        try {
            return switch (port.ask(word, question)) {
                case MachinePort.Done(JsonNode result) -> result;
                case MachinePort.Refused refused -> throw problem(refused);
            };
        } catch (IOException failed) {
            throw ApiProblem.of(
                            503,
                            "machine-failed",
                            "The machine did not answer: " + failed.getMessage(),
                            "journalctl -u 'appliance-*' on its console says more")
                    .header("Retry-After", "5");
        }
    }

    JsonNode ask(String word) {
        return ask(word, JsonText.NODES.objectNode());
    }

    /** Tells the audit log what was asked of the machine. */
    void audit(
            ConfigStore store,
            ApiRequest request,
            Instant now,
            String action,
            String target,
            AuditEvent.Outcome outcome,
            Optional<String> changes) {
        AuditEvent event = new AuditEvent(
                now,
                request.principal().actor(),
                Optional.of(request.address()),
                action,
                target,
                outcome,
                Optional.empty(),
                Changes.note(request),
                Optional.empty(),
                changes);
        store.audit().append(event).toCompletableFuture().join();
    }

    void require() {
        if (system.machine().isEmpty()) {
            throw notAnAppliance();
        }
    }

    private static ApiProblem notAnAppliance() {
        return ApiProblem.of(
                501,
                "not-an-appliance",
                "This gateway runs as a program on a machine that it does not manage",
                "settings and upgrades of the system are for the appliance's image; here they are the host's own");
    }

    private static ApiProblem problem(MachinePort.Refused refused) {
        return switch (refused.code()) {
            case "validation" -> ApiProblem.invalid(faults(refused.errors(), refused.detail()));
            case "stale" -> ApiProblem.of(412, "stale", sentence(refused.detail()), "read them again");
            case "trial-under-way",
                    "nothing-to-confirm",
                    "not-in-force",
                    "nothing-to-revert",
                    "upgrade-under-way",
                    "no-previous" -> ApiProblem.of(409, refused.code(), sentence(refused.detail()));
            case "no-bundle" -> ApiProblem.of(422, refused.code(), sentence(refused.detail()));
            case "busy" -> ApiProblem.busy(sentence(refused.detail()), 5);
            default -> ApiProblem.of(503, "machine-failed", "The machine refused: " + refused.detail());
        };
    }

    private static List<Fault> faults(JsonNode errors, String detail) {
        List<Fault> faults = new ArrayList<>();
        for (JsonNode error : errors) {
            faults.add(new Fault(
                    error.path("pointer").asString(""),
                    error.path("code").asString(ConfigProblem.BAD_VALUE),
                    error.path("detail").asString(""),
                    Optional.empty(),
                    Optional.empty()));
        }
        return faults.isEmpty() ? List.of(Fault.of("", ConfigProblem.BAD_VALUE, detail)) : faults;
    }

    private static String sentence(String words) {
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
