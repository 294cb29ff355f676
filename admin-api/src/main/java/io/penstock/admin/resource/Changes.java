package io.penstock.admin.resource;

import io.penstock.admin.revision.ConfigTarget;
import io.penstock.admin.revision.Edit;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.admin.revision.IdempotencyKey;
import io.penstock.admin.revision.PartChange;
import io.penstock.admin.store.PendingConfirm;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Puts the wishes of requests through the pipeline, and its answers into the words of the API. Any thread. */
final class Changes {
    /** An edit that the disk holds up longer than this is answered as under way; it may still be made. */
    private static final Duration EDIT_WAIT_MAX = Duration.ofSeconds(60);

    private static final int NOTE_CHARS_MAX = 1024;
    private static final String EXTENDED_VALUE = "UTF-8''";

    private final AdminParts parts;

    Changes(AdminParts parts) {
        this.parts = parts;
    }

    /** How a write ended well. */
    sealed interface Outcome {
        /** Everything as of the outcome. */
        ProxyConfig config();

        /** The revision that now is the newest, or would be. */
        long revision();

        List<PartChange> changes();

        List<ConfigWarning> warnings();
    }

    /** A revision was made; {@code pendingWorkers} do not serve it yet. */
    record Made(
            long revision,
            ProxyConfig config,
            List<PartChange> changes,
            List<ConfigWarning> warnings,
            int pendingWorkers,
            Optional<PendingConfirm> trial)
            implements Outcome {}

    /** It would be made. */
    record Tried(long revision, ProxyConfig config, List<PartChange> changes, List<ConfigWarning> warnings)
            implements Outcome {}

    /** Nothing differs, or this very request was answered before. */
    record Same(long revision, ProxyConfig config, List<ConfigWarning> warnings, boolean isReplay) implements Outcome {
        @Override
        public List<PartChange> changes() {
            return List.of();
        }
    }

    /**
     * Makes the edit that a request wishes.
     *
     * @param adjust what is special about it
     * @param place where in the request's body a problem stands
     * @throws ApiProblem if it is not made
     */
    Outcome make(
            ApiRequest request,
            String cause,
            String target,
            Function<Edit, Edit> adjust,
            Function<ConfigProblem, Fault> place,
            EditOperation... operations) {
        Edit edit = adjust.apply(
                Edit.of(request.principal().actor(), request.principal().authority(), cause, target, operations)
                        .from(request.address())
                        .withNote(note(request))
                        .withDryRun(request.query().flag("dry_run")));
        boolean waits = request.query()
                .choice("wait", "active", List.of("active", "none"))
                .equals("active");
        EditResult result = await(parts.pipeline().submit(edit));
        return switch (result) {
            case EditResult.Applied applied ->
                new Made(
                        applied.revision(),
                        applied.config(),
                        applied.changes(),
                        applied.warnings(),
                        pendingWorkers(applied.publication(), waits),
                        applied.trial());
            case EditResult.WouldApply would ->
                new Tried(would.wouldBeRevision(), would.config(), would.changes(), would.warnings());
            case EditResult.Unchanged same -> new Same(same.revision(), same.config(), same.warnings(), false);
            case EditResult.Replayed replayed ->
                new Same(replayed.revision(), parts.pipeline().current().config(), List.of(), true);
            case EditResult.Confirmed confirmed -> throw new IllegalStateException("no edit ends as confirmed");
            case EditResult.Rejected rejected -> throw Rejections.problem(rejected, place);
        };
    }

    /** Ends a trial. */
    long confirm(ApiRequest request, OptionalLong revision) {
        EditResult result = await(parts.pipeline()
                .confirm(revision, request.principal().actor(), Optional.of(request.address()), note(request)));
        return switch (result) {
            case EditResult.Confirmed(long confirmed) -> confirmed;
            case EditResult.Rejected rejected -> throw Rejections.problem(rejected, Changes::byName);
            case EditResult.Applied a -> throw new IllegalStateException("a confirmation makes no revision");
            case EditResult.WouldApply w -> throw new IllegalStateException("a confirmation makes no revision");
            case EditResult.Unchanged u -> throw new IllegalStateException("a confirmation makes no revision");
            case EditResult.Replayed r -> throw new IllegalStateException("a confirmation makes no revision");
        };
    }

    /** A problem seen from the root of a declarative document. */
    static Fault byName(ConfigProblem problem) {
        return Fault.of(problem.resource().documentPointer(), problem);
    }

    /** The request's {@code Idempotency-Key}, if it has one. */
    static Optional<IdempotencyKey> key(ApiRequest request, JsonBounds bounds) {
        return request.header("Idempotency-Key").map(text -> {
            if (text.isEmpty() || text.length() > 255) {
                throw ApiProblem.of(400, "bad-idempotency-key", "An Idempotency-Key has 1 to 255 characters");
            }
            return new IdempotencyKey(text, request.fingerprint(bounds));
        });
    }

    /** {@code reply} with what is common to the answers of all writes. */
    static ApiReply finish(Outcome outcome, ApiReply reply) {
        ApiReply answer = reply.with("Config-Revision", Long.toString(outcome.revision()));
        return outcome instanceof Same(long r, ProxyConfig c, List<ConfigWarning> w, boolean isReplay) && isReplay
                ? answer.with("Idempotency-Replayed", "true")
                : answer;
    }

    /** What a write of several parts answers: revision, changes, warnings, and what is still to come. */
    static ObjectNode summary(Outcome outcome) {
        ObjectNode body = JsonText.NODES.objectNode();
        switch (outcome) {
            case Made made -> {
                body.put("revision", made.revision());
                if (made.pendingWorkers() > 0) {
                    body.put("pendingWorkers", made.pendingWorkers());
                }
                made.trial()
                        .ifPresent(
                                trial -> body.put("confirmBy", trial.deadline().toString()));
            }
            case Tried tried -> body.put("dryRun", true).put("wouldBeRevision", tried.revision());
            case Same same -> body.put("revision", same.revision());
        }
        body.set("changes", changes(outcome.changes()));
        body.set("warnings", warnings(outcome.warnings()));
        return body;
    }

    static ArrayNode changes(List<PartChange> changes) {
        ArrayNode list = JsonText.NODES.arrayNode();
        for (PartChange change : changes) {
            list.add(ChangeView.of(
                    change.key(),
                    change.before().map(ConfigJson::write),
                    change.after().map(ConfigJson::write)));
        }
        return list;
    }

    static ArrayNode warnings(List<ConfigWarning> warnings) {
        ArrayNode list = JsonText.NODES.arrayNode();
        for (ConfigWarning warning : warnings) {
            ObjectNode one = list.addObject().put("code", warning.code());
            warning.resource()
                    .type()
                    .ifPresent(type -> one.put(
                            type.singular().replace(' ', '-'),
                            warning.resource().name()));
            one.put("pointer", warning.resource().documentPointer() + warning.pointer())
                    .put("detail", warning.detail());
            warning.hint().ifPresent(way -> one.put("hint", way));
        }
        return list;
    }

    private int pendingWorkers(ConfigTarget.Publication publication, boolean waits) {
        if (waits) {
            try {
                publication
                        .active()
                        .toCompletableFuture()
                        .get(parts.activeWait().toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException slow) {
                return Math.max(1, publication.pendingWorkers());
            } catch (ExecutionException failed) {
                throw new IllegalStateException("an adoption does not fail", failed);
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            }
        }
        return publication.pendingWorkers();
    }

    private static EditResult await(CompletionStage<EditResult> stage) {
        try {
            return stage.toCompletableFuture().get(EDIT_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            throw ApiProblem.of(
                            503,
                            "edit-under-way",
                            "The change is still waiting to be stored; it may yet be made",
                            "look at /v1/config/revisions before trying again")
                    .header("Retry-After", "5");
        } catch (ExecutionException bug) {
            throw new IllegalStateException("an edit failed", bug);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw ApiProblem.of(503, "stopping", "The process is stopping").header("Retry-After", "5");
        }
    }

    /** The request's {@code Change-Note}, if it has one. */
    static Optional<String> note(ApiRequest request) {
        return request.header("Change-Note")
                .map(Changes::decoded)
                .filter(text -> !text.isBlank())
                .map(text -> text.length() <= NOTE_CHARS_MAX ? text : text.substring(0, NOTE_CHARS_MAX));
    }

    /** A field's text: an extended value (RFC 8187), which clients that write only ASCII need, or plain UTF-8. */
    private static String decoded(String text) {
        if (text.startsWith(EXTENDED_VALUE)) {
            try {
                return URLDecoder.decode(
                        text.substring(EXTENDED_VALUE.length()).replace("+", "%2B"), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException broken) {
                // A note is for people, who can make sense of it as it came.
                return text;
            }
        }
        // Fields are read as Latin-1; people write UTF-8 into them.
        return text.chars().allMatch(c -> c < 256)
                ? new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                : text;
    }
}
