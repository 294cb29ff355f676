package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.DataFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How the appliance stands, and its versions. A bundle is laid into the data folder; the machine takes it from there, checks its
 * signature and writes it into the slot that does not run.
 */
final class SystemUpgradeEndpoints {
    private static final String TYPE = SystemSettingsEndpoints.TYPE;
    private static final String PATH = "/v1/system/upgrade";
    private static final String BUNDLE = "application/octet-stream";
    private static final long BUNDLE_BYTES_MAX = 2L << 30;

    /** What stays free for the store and the logs while a bundle lies there. */
    private static final long FREE_BYTES_MIN = 64L << 20;

    private static final QueryParameter REBOOT =
            QueryParameter.flag("reboot", "Boot into it at once, when all of it was written.");
    private static final QueryParameter ALLOW_DOWNGRADE =
            QueryParameter.flag("allow_downgrade", "Take an older version too, as far as the running one allows.");

    private static final QueryParameter ALLOW_DIFFERENCES = QueryParameter.flag(
            "allow_differences",
            "Go on where the new version would treat recorded requests otherwise, or not serve the configuration.");

    private final AdminParts parts;
    private final Machine machine;
    private final Clock clock;
    private final Semaphore turn = new Semaphore(1);

    SystemUpgradeEndpoints(AdminParts parts, Clock clock) {
        this.parts = parts;
        this.machine = new Machine(parts.system());
        this.clock = clock;
    }

    List<Endpoint> endpoints() {
        Schema state = Schema.members(
                Map.of(
                        "upgrade",
                                Schema.object(
                                        "The last one: state (none, waiting, checking, rehearsing, installing, installed,"
                                                + " refused, failed), time, percent, step, wantedVersion, why; rehearsal: outcome"
                                                + " (same, different, refused, skipped), detail, heads, routes, differing,"
                                                + " differences."),
                        "version", Schema.text(),
                        "slot", Schema.text(),
                        "nextSlot", Schema.text(),
                        "canReturn", Schema.flag()),
                List.of("upgrade", "version", "slot", "nextSlot", "canReturn"));
        Schema warning =
                Schema.members(Map.of("code", Schema.text(), "detail", Schema.text()), List.of("code", "detail"));
        Schema whole = state.plus("settings", Schema.object("version, inForce, confirmBy, lastChange."), true)
                .plus("warnings", Schema.listOf(warning), true);
        return List.of(
                Endpoint.of(
                                "GET",
                                "/v1/system",
                                "getSystem",
                                "Tells how the appliance stands: version, slots, the last upgrade, the last change of"
                                        + " settings, and what somebody has to look at (firewall-closed,"
                                        + " settings-unreadable, factory-reset, seed-refused, fleet-not-joined).",
                                this::system)
                        .needs(Verb.READ, TYPE)
                        .answers(200, whole),
                Endpoint.of("GET", PATH, "getSystemUpgrade", "Tells how far an upgrade is.", this::get)
                        .needs(Verb.READ, TYPE)
                        .answers(200, state),
                Endpoint.of(
                                "POST",
                                PATH,
                                "upgradeSystem",
                                "Takes a bundle of at most 2 GiB, checks it, has its version rehearse with this state and"
                                        + " recorded requests, and writes it into the slot that does not run, while this answers."
                                        + " The next boot starts it.",
                                this::upgrade)
                        .needs(Verb.WRITE, TYPE)
                        .takes(REBOOT, ALLOW_DOWNGRADE, ALLOW_DIFFERENCES)
                        .reads(Schema.text(), BUNDLE)
                        .answers(202, state),
                Endpoint.of(
                                "POST",
                                PATH + ":previous",
                                "returnSystem",
                                "Has the next boot take the version before, with the configuration from before the"
                                        + " upgrade.",
                                this::previous)
                        .needs(Verb.WRITE, TYPE)
                        .takes(REBOOT)
                        .answers(200, state));
    }

    private ApiReply system(ApiRequest request) {
        ObjectNode body = ((ObjectNode) machine.ask("upgrade-state")).deepCopy();
        JsonNode shown = machine.ask("show");
        body.set("settings", SystemSettingsEndpoints.state(shown, clock));
        body.set("warnings", shown.path("warnings").isArray() ? shown.path("warnings") : JsonText.NODES.arrayNode());
        return ApiReply.ok(body);
    }

    private ApiReply get(ApiRequest request) {
        return ApiReply.ok(machine.ask("upgrade-state"));
    }

    private ApiReply previous(ApiRequest request) {
        JsonNode state = machine.ask(
                "previous",
                JsonText.NODES.objectNode().put("reboot", request.query().flag("reboot")));
        audit(request, "system.previous");
        return ApiReply.ok(state);
    }

    private ApiReply upgrade(ApiRequest request) {
        ObjectNode options = JsonText.NODES
                .objectNode()
                .put("reboot", request.query().flag("reboot"))
                .put("allowDowngrade", request.query().flag("allow_downgrade"))
                .put("allowDifferences", request.query().flag("allow_differences"));
        requireIdle(machine.ask("upgrade-state"));
        if (!turn.tryAcquire()) {
            throw ApiProblem.of(409, "upgrade-under-way", "Another bundle is being sent");
        }
        Path folder = parts.system().folder().resolve("upgrade");
        Path draft = folder.resolve("bundle.part");
        RehearsalMaterial material = new RehearsalMaterial(parts, folder);
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(folder, DataFolder.OWNER_FOLDER);
            }
            receive(request, draft);
            Files.move(draft, folder.resolve("bundle"), StandardCopyOption.ATOMIC_MOVE);
            material.lay(FREE_BYTES_MIN);
            JsonNode state = machine.ask("upgrade", options);
            audit(request, "system.upgrade");
            return ApiReply.json(202, state).with("Location", PATH);
        } catch (IOException failed) {
            throw noRoom("The bundle cannot be kept: " + failed.getMessage());
        } finally {
            // What the machine took is no longer here.
            deleteQuietly(draft);
            deleteQuietly(folder.resolve("bundle"));
            material.remove();
            turn.release();
        }
    }

    private static void requireIdle(JsonNode state) {
        String found = state.at("/upgrade/state").asString("none");
        if (List.of("waiting", "checking", "rehearsing", "installing").contains(found)) {
            throw ApiProblem.of(
                    409, "upgrade-under-way", "An upgrade is under way", "GET " + PATH + " tells how far it is");
        }
    }

    private static void receive(ApiRequest request, Path draft) throws IOException {
        long declared = request.header("Content-Length")
                .filter(text -> text.matches("[0-9]{1,15}"))
                .map(Long::parseLong)
                .orElse(0L);
        Files.deleteIfExists(draft);
        DataFolder.makeOwnerFile(draft);
        long free = Files.getFileStore(draft).getUsableSpace() - FREE_BYTES_MIN;
        if (declared > free) {
            throw noRoom(
                    "The bundle has " + (declared >> 20) + " MiB, and " + Math.max(0, free >> 20) + " MiB are free");
        }
        try (FileChannel file = FileChannel.open(draft, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(file)) {
            // A length that was not declared fills no disk either.
            boolean isBoundByRoom = free < BUNDLE_BYTES_MAX;
            try {
                request.transferTo(out, Math.clamp(free, 0, BUNDLE_BYTES_MAX));
            } catch (ApiProblem tooLong) {
                throw isBoundByRoom && tooLong.status() == 413
                        ? noRoom("The bundle has more than the " + Math.max(0, free >> 20) + " MiB that are free")
                        : tooLong;
            }
            file.force(true);
        }
    }

    private static ApiProblem noRoom(String title) {
        return ApiProblem.of(
                507,
                "disk-full",
                title,
                "make room on the data partition, or a larger disk: it grows at the next boot; what runs is not"
                        + " touched");
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            // The next bundle takes its place.
            return;
        }
    }

    private void audit(ApiRequest request, String action) {
        machine.audit(
                parts.store(),
                request,
                clock.instant(),
                action,
                "/system/upgrade",
                AuditEvent.Outcome.APPLIED,
                Optional.empty());
    }
}
