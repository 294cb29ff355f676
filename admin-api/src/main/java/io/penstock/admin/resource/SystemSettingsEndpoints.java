package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.machine.SystemSettings;
import io.penstock.admin.store.AuditEvent;
import io.penstock.config.ValueText;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings of the appliance's own system. They are the machine's and no part of the configuration: a write makes no revision, and
 * one that could cut off whoever makes it is on trial until it is confirmed over the network as it is then.
 */
final class SystemSettingsEndpoints {
    static final String TYPE = "system";
    private static final String PATH = "/v1/system/settings";
    private static final Duration TRIAL = Duration.ofMinutes(2);
    private static final Duration TRIAL_MIN = Duration.ofSeconds(10);
    private static final Duration TRIAL_MAX = Duration.ofHours(1);
    private static final JsonBounds BOUNDS = new JsonBounds(256 * 1024, 16, 4096);
    private static final QueryParameter CONFIRM_WITHIN = QueryParameter.text(
            "confirm_within",
            "How long a change of network, dns or admin waits for :confirm, 10s to 1h, 120s if unsaid.");
    private static final QueryParameter DRY_RUN =
            QueryParameter.flag("dry_run", "Check it, answer what would change and whether on trial, change nothing.");

    private final AdminParts parts;
    private final Machine machine;
    private final Clock clock;

    /** What the machine keeps: the number of its last change, and the settings. */
    private record Kept(long version, SystemSettings settings) {
        String tag() {
            return "\"s" + version + "\"";
        }
    }

    SystemSettingsEndpoints(AdminParts parts, Clock clock) {
        this.parts = parts;
        this.machine = new Machine(parts.system());
        this.clock = clock;
    }

    List<Endpoint> endpoints() {
        Schema settings = Schema.of(SystemSettings.class);
        Schema pending = Schema.members(
                Map.of(
                        "pending",
                        Schema.object("What is on trial: settings and confirmBy. Only while there is something.")),
                List.of());
        Schema shown = settings.and(pending);
        return List.of(
                Endpoint.of("GET", PATH, "getSystemSettings", "Reads the settings of the appliance.", this::get)
                        .needs(Verb.READ, TYPE)
                        .answers(200, shown),
                Endpoint.of(
                                "PUT",
                                PATH,
                                "putSystemSettings",
                                "Replaces the settings of the appliance. A change of network, dns or admin is taken"
                                        + " back by itself, also by a reboot, unless :confirm comes in time.",
                                request -> write(request, request.json(BOUNDS)))
                        .needs(Verb.WRITE, TYPE)
                        .takes(DRY_RUN, CONFIRM_WITHIN)
                        .reads(settings)
                        .answers(200, shown),
                Endpoint.of(
                                "PATCH",
                                PATH,
                                "patchSystemSettings",
                                "Changes some of the settings of the appliance, as PUT does it.",
                                this::patch)
                        .needs(Verb.WRITE, TYPE)
                        .takes(DRY_RUN, CONFIRM_WITHIN)
                        .reads(
                                Schema.anything("A patch of the settings."),
                                "application/merge-patch+json",
                                "application/json-patch+json")
                        .answers(200, shown),
                Endpoint.of(
                                "POST",
                                PATH + ":confirm",
                                "confirmSystemSettings",
                                "Keeps the change that is on trial.",
                                request -> end(request, "confirm"))
                        .needs(Verb.WRITE, TYPE)
                        .answers(200, shown),
                Endpoint.of(
                                "POST",
                                PATH + ":revert",
                                "revertSystemSettings",
                                "Takes back the change that is on trial, at once.",
                                request -> end(request, "revert"))
                        .needs(Verb.WRITE, TYPE)
                        .answers(200, shown));
    }

    private ApiReply get(ApiRequest request) {
        return shown(200, machine.ask("show"));
    }

    private ApiReply patch(ApiRequest request) {
        JsonEdit edit = request.patch(BOUNDS);
        Kept before = kept(machine.ask("show"));
        return switch (edit.apply(ConfigJson.write(before.settings()))) {
            case ConfigJson.Bad<JsonNode>(List<Fault> faults) -> throw ApiProblem.invalid(faults);
            case ConfigJson.Good<JsonNode>(JsonNode after) -> write(request, after);
        };
    }

    private ApiReply write(ApiRequest request, JsonNode wish) {
        machine.require();
        long seconds = confirmWithin(request).toSeconds();
        SystemSettings wanted = bound(wish);
        JsonNode shown = machine.ask("show");
        Kept before = kept(shown);
        requireSeen(request, before);
        ObjectNode question = JsonText.NODES.objectNode();
        question.set("settings", ConfigJson.write(wanted));
        JsonNode changes = JsonDiff.between(ConfigJson.write(before.settings()), ConfigJson.write(wanted));
        if (request.query().flag("dry_run")) {
            JsonNode checked = machine.ask("check", question);
            audit(request, "system.settings", AuditEvent.Outcome.DRY_RUN, changes);
            ObjectNode body = JsonText.NODES.objectNode().put("dryRun", true);
            body.set("resource", ConfigJson.write(wanted));
            body.set("diff", changes);
            return ApiReply.ok(body.put("onTrial", !checked.path("onTrial").isEmpty()));
        }
        question.put("version", before.version()).put("confirmWithin", seconds);
        JsonNode made = machine.ask("put", question);
        boolean isSame = made.path("changed").isEmpty();
        audit(request, "system.settings", isSame ? AuditEvent.Outcome.UNCHANGED : AuditEvent.Outcome.APPLIED, changes);
        return shown(made.path("trial").isObject() ? 202 : 200, made);
    }

    private ApiReply end(ApiRequest request, String word) {
        JsonNode ended = machine.ask(word);
        audit(request, "system.settings." + word, AuditEvent.Outcome.APPLIED, JsonText.NODES.arrayNode());
        return shown(200, ended);
    }

    private ApiReply shown(int status, JsonNode said) {
        Kept kept = kept(said);
        ObjectNode body = ConfigJson.write(kept.settings());
        JsonNode trial = said.path("trial");
        if (trial.isObject()) {
            ObjectNode pending = body.putObject("pending");
            pending.put(
                    "confirmBy",
                    clock.instant()
                            .plusSeconds(trial.path("secondsLeft").asLong(0))
                            .toString());
            pending.set("settings", ConfigJson.write(bound(trial.path("settings"))));
        }
        return ApiReply.json(status, body).with("ETag", kept.tag());
    }

    /** What the machine says of its settings beside themselves. */
    static ObjectNode state(JsonNode said, Clock clock) {
        ObjectNode state = JsonText.NODES
                .objectNode()
                .put("version", said.path("version").asLong(0))
                .put(
                        "inForce",
                        said.path("settled").asBoolean(false)
                                || said.path("trial").isObject());
        if (said.path("trial").isObject()) {
            state.put(
                    "confirmBy",
                    clock.instant()
                            .plusSeconds(said.path("trial").path("secondsLeft").asLong(0))
                            .toString());
        }
        if (said.path("last").isObject()) {
            state.set("lastChange", said.path("last"));
        }
        return state;
    }

    private static Kept kept(JsonNode said) {
        return new Kept(said.path("version").asLong(0), bound(said.path("settings")));
    }

    private static SystemSettings bound(JsonNode settings) {
        return switch (ConfigJson.bind(SystemSettings.class, settings)) {
            case ConfigJson.Good<SystemSettings>(SystemSettings good) -> good;
            case ConfigJson.Bad<SystemSettings>(List<Fault> faults) -> throw ApiProblem.invalid(faults);
        };
    }

    private static void requireSeen(ApiRequest request, Kept before) {
        Optional<String> match = request.header("If-Match");
        if (match.isEmpty()) {
            throw ApiProblem.of(
                            428,
                            "precondition-required",
                            "If-Match is missing: the settings would be overwritten unseen",
                            "send If-Match: " + before.tag() + ", or If-Match: * to overwrite deliberately")
                    .header("ETag", before.tag());
        }
        boolean isSeen = Arrays.stream(match.get().split(",", -1))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(before.tag()));
        if (!isSeen) {
            throw ApiProblem.of(
                            412,
                            "stale",
                            "The settings were changed meanwhile",
                            "read them again, and send If-Match: " + before.tag())
                    .header("ETag", before.tag());
        }
    }

    private static Duration confirmWithin(ApiRequest request) {
        Optional<String> text = request.query().one("confirm_within");
        if (text.isEmpty()) {
            return TRIAL;
        }
        Duration within;
        try {
            within = (Duration) ValueText.parse(Duration.class, text.get());
        } catch (IllegalArgumentException noDuration) {
            throw ApiProblem.badParameter("confirm_within", noDuration.getMessage() + "", "");
        }
        if (within.compareTo(TRIAL_MIN) < 0 || within.compareTo(TRIAL_MAX) > 0) {
            throw ApiProblem.badParameter("confirm_within", "wanted 10s to 1h", "");
        }
        return within;
    }

    private void audit(ApiRequest request, String action, AuditEvent.Outcome outcome, JsonNode changes) {
        String text = changes.toString();
        machine.audit(
                parts.store(),
                request,
                clock.instant(),
                action,
                "/system/settings",
                outcome,
                changes.isEmpty() || text.length() > AuditEvent.CHANGES_CHARS_MAX
                        ? Optional.empty()
                        : Optional.of(text));
    }
}
