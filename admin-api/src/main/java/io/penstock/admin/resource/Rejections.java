package io.penstock.admin.resource;

import io.penstock.admin.revision.EditResult;
import io.penstock.admin.store.ResourceKey;
import io.penstock.admin.store.StoreProblem;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceUse;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;

/** Says in the words of the API why the pipeline or the store did not do what was asked. */
final class Rejections {
    private Rejections() {}

    static ApiProblem problem(EditResult.Rejected rejected, Function<ConfigProblem, Fault> place) {
        return switch (rejected) {
            case EditResult.Refused(List<ConfigProblem> problems) ->
                ApiProblem.invalid(problems.stream().map(place).toList());
            case EditResult.NotFound(ResourceKey key) -> notFound(key);
            case EditResult.Exists exists ->
                ApiProblem.of(412, "exists", exists.key().path() + " exists already")
                        .header("ETag", exists.currentETag());
            case EditResult.Stale stale -> stale(stale);
            case EditResult.PreconditionRequired required ->
                ApiProblem.of(
                                428,
                                "precondition-required",
                                "If-Match is missing: " + name(required.key()) + " would be overwritten unseen",
                                "send If-Match: " + required.currentETag()
                                        + ", or If-Match: * to overwrite deliberately")
                        .header("ETag", required.currentETag());
            case EditResult.InUse inUse -> inUse(inUse);
            case EditResult.OwnedBy(List<EditResult.OwnedPart> owned) -> ownedBy(owned);
            case EditResult.Forbidden(List<ResourceKey> keys) -> forbidden(keys);
            case EditResult.KeyReused reused -> keyReused();
            case EditResult.TrialUnderWay(var trial) ->
                ApiProblem.of(
                        409,
                        "trial-under-way",
                        "Revision " + trial.revision() + " waits for its confirmation until " + trial.deadline(),
                        "POST /v1/config:confirm, or penstock confirm, keeps it; otherwise wait until it is taken back");
            case EditResult.NothingToConfirm(var trial) ->
                ApiProblem.of(
                        409,
                        "nothing-to-confirm",
                        trial.map(other -> "Revision " + other.revision() + " is on trial, not the one named")
                                .orElse("No revision waits for its confirmation"));
            case EditResult.UnknownRevision(long revision) ->
                ApiProblem.notFound("Revision " + revision + " never was, or is kept no longer");
            case EditResult.StoreFailed(StoreProblem problem) -> storeFailed(problem);
            case EditResult.Busy busy -> ApiProblem.busy(busy.waiting() + " changes wait already", 1);
            case EditResult.Stopping stopping ->
                ApiProblem.of(503, "stopping", "The process is stopping").header("Retry-After", "5");
        };
    }

    static ApiProblem notFound(ResourceKey key) {
        return ApiProblem.notFound("There is no " + key.path());
    }

    /** The store did not take a write: the disk's fault, never the caller's; traffic goes on. */
    static ApiProblem storeFailed(StoreProblem problem) {
        boolean isFull = problem.kind() == StoreProblem.Kind.DISK_FULL;
        return ApiProblem.of(
                        isFull ? 507 : 503, "store-failed", "Nothing was changed: " + problem.what(), problem.wayOut())
                .header("Retry-After", "5");
    }

    static ApiProblem forbidden(List<ResourceKey> keys) {
        ArrayNode resources = JsonText.NODES.arrayNode();
        keys.forEach(key -> resources.add(key.path()));
        return ApiProblem.of(
                        403,
                        "forbidden",
                        "Your token does not allow this change",
                        "ask for a token with the role and tags it needs")
                .with("resources", resources);
    }

    private static ApiProblem stale(EditResult.Stale stale) {
        return stale.lastChanged() == 0
                ? ApiProblem.of(412, "stale", name(stale.key()) + " is not there")
                : ApiProblem.of(
                                412,
                                "stale",
                                name(stale.key()) + " was changed meanwhile, by revision " + stale.lastChanged(),
                                "read it again, and send If-Match: " + stale.currentETag())
                        .header("ETag", stale.currentETag());
    }

    private static ApiProblem inUse(EditResult.InUse inUse) {
        ArrayNode users = JsonText.NODES.arrayNode();
        inUse.usedBy().forEach(user -> users.add(path(user)));
        return ApiProblem.of(
                        409,
                        "in-use",
                        inUse.key().path() + " is in use by " + inUse.usedBy().size() + " others",
                        "remove the references first")
                .with("usedBy", users);
    }

    private static ApiProblem ownedBy(List<EditResult.OwnedPart> owned) {
        ArrayNode resources = JsonText.NODES.arrayNode();
        owned.forEach(
                part -> resources.addObject().put("resource", part.key().path()).put("owner", part.owner()));
        return ApiProblem.of(
                        409,
                        "owned-by",
                        "Resources of other documents would be changed",
                        "take=true (--take of the command) takes them over")
                .with("resources", resources);
    }

    static String path(ResourceRef ref) {
        return ref.type().map(type -> "/" + type.apiName() + "/" + ref.name()).orElse("/defaults");
    }

    static String path(ResourceUse use) {
        return path(use.user());
    }

    private static String name(Optional<ResourceKey> key) {
        return key.map(ResourceKey::path).orElse("the configuration");
    }

    static ApiProblem keyReused() {
        return ApiProblem.of(
                422,
                "idempotency-key-reused",
                "The Idempotency-Key belongs to another request",
                "use a new key for a new request");
    }
}
