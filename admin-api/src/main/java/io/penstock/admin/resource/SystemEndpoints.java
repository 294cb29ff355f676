package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.backup.Backup;
import io.penstock.admin.store.AuditEvent;
import io.penstock.config.ConfigProblem;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway as a whole: kept in a backup, shown in a support bundle. Makes no revision. */
final class SystemEndpoints {
    private static final Logger LOG = LoggerFactory.getLogger(SystemEndpoints.class);
    private static final String TYPE = "backups";
    private static final String ZIP = "application/zip";

    private final AdminParts parts;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    // Each backup is a copy of the whole store beside it: one at a time bounds the room.
    private final Semaphore turn = new Semaphore(1);

    SystemEndpoints(AdminParts parts, Clock clock) {
        this.parts = parts;
        this.clock = clock;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.of(
                                "GET",
                                "/v1/system/support-bundle",
                                "getSupportBundle",
                                "Answers a zip file for who is to find out what is wrong: configuration, state, metrics, threads,"
                                        + " logs, facts of the system. Without secrets.",
                                this::supportBundle)
                        .needs(Verb.OPERATE, "support")
                        .answers(200, Schema.text(), ZIP),
                Endpoint.of(
                                "POST",
                                "/v1/system/backup",
                                "backup",
                                "Answers one file with the store, its history and all keys, sealed by a passphrase. Only for who may"
                                        + " make tokens, since it holds everything. penstock restore lays it in a data folder.",
                                this::backup)
                        .needs(Verb.OPERATE, TYPE)
                        .reads(Schema.members(Map.of("passphrase", Schema.text()), List.of("passphrase")))
                        .answers(200, Schema.text(), "application/octet-stream"));
    }

    private ApiReply supportBundle(ApiRequest request) {
        SupportBundle bundle = new SupportBundle(parts, NodeView.of(parts));
        return ApiReply.stream(ZIP, out -> whole(request, "system.support-bundle", out, bundle::write))
                .with("Content-Disposition", "attachment; filename=\"penstock-support.zip\"")
                .with("Cache-Control", "no-store");
    }

    private ApiReply backup(ApiRequest request) {
        if (!request.principal().may(Verb.WRITE, "tokens")) {
            throw ApiProblem.of(
                    403,
                    "forbidden",
                    "Your token may not make backups: they hold every key and token",
                    "who may write tokens may");
        }
        BodyMembers members = BodyMembers.of(request.json(JsonBounds.RESOURCE), "passphrase");
        String passphrase = members.required("passphrase");
        if (members.has("passphrase") && passphrase.length() < Backup.PASSPHRASE_CHARS_MIN) {
            members.fault(
                    "passphrase",
                    ConfigProblem.BAD_VALUE,
                    "found " + passphrase.length() + " characters, wanted at least " + Backup.PASSPHRASE_CHARS_MIN);
        }
        members.end();
        if (!turn.tryAcquire()) {
            throw ApiProblem.busy("Another backup is being made", 5);
        }
        boolean isGiven = false;
        @Nullable Backup made = null;
        try {
            Backup backup = Backup.of(
                    parts.store(),
                    parts.system()::copyPluginStore,
                    parts.system().folder(),
                    parts.engine().engine().version(),
                    clock.instant(),
                    random);
            made = backup;
            audit(
                    request,
                    "system.backup",
                    AuditEvent.Outcome.APPLIED,
                    Optional.of(backup.header().revision()),
                    Optional.empty());
            isGiven = true;
            ApiReply.StreamWriter writer = out -> {
                try (backup) {
                    backup.write(out, passphrase.toCharArray());
                } finally {
                    turn.release();
                }
            };
            return ApiReply.stream("application/octet-stream", out -> whole(request, "system.backup", out, writer))
                    .with("Content-Disposition", "attachment; filename=\"penstock.backup\"")
                    .with("Cache-Control", "no-store")
                    .with("Config-Revision", Long.toString(backup.header().revision()));
        } catch (UncheckedIOException failed) {
            throw ApiProblem.of(503, "backup-failed", "No backup was made: " + failed.getCause());
        } finally {
            if (!isGiven) {
                if (made != null) {
                    made.close();
                }
                turn.release();
            }
        }
    }

    // An answer that has begun cannot become a problem: who was to get it sees it break off, and others read why.
    private void whole(ApiRequest request, String action, OutputStream out, ApiReply.StreamWriter writer)
            throws IOException {
        try {
            writer.write(out);
            out.flush();
        } catch (IOException | RuntimeException | Error broken) {
            LOG.warn("{} for {} broke off: {}", action, request.principal().actor(), broken.toString());
            try {
                Optional<String> why = Optional.of("it broke off: " + broken);
                audit(request, action, AuditEvent.Outcome.FAILED, Optional.empty(), why);
            } catch (RuntimeException untold) {
                broken.addSuppressed(untold);
            }
            throw broken;
        }
    }

    private void audit(
            ApiRequest request,
            String action,
            AuditEvent.Outcome outcome,
            Optional<Long> revision,
            Optional<String> detail) {
        AuditEvent event = new AuditEvent(
                clock.instant(),
                request.principal().actor(),
                Optional.of(request.address()),
                action,
                "/" + action.replace('.', '/'),
                outcome,
                revision,
                Changes.note(request),
                detail,
                Optional.empty());
        parts.store().audit().append(event).toCompletableFuture().join();
    }
}
