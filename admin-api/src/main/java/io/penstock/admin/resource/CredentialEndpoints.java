package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.admin.revision.Precondition;
import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.CredentialConfig;
import io.penstock.config.HmacCredentialConfig;
import io.penstock.config.InvalidValueException;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretValue;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The credentials of a consumer, each by the id of its secret. A secret is made here if none is given; it is shown in the
 * answer that tells of it, and never again. Their tag is the consumer's.
 */
final class CredentialEndpoints {
    private static final String CONSUMER = "consumer";
    private static final String CREDENTIAL = "credential";
    private static final String SECRET = "secret";
    /** Marks a key as one of a Penstock's consumer, so that scanners of repositories and logs find one that leaked. */
    private static final String KEY_PREFIX = "pck_";

    private static final int SECRET_BYTES = 32;

    private final AdminParts parts;
    private final Changes changes;
    private final SecureRandom random;

    CredentialEndpoints(AdminParts parts, Changes changes, SecureRandom random) {
        this.parts = parts;
        this.changes = changes;
        this.random = random;
    }

    List<Endpoint> endpoints() {
        String all = "/v1/consumers/{consumer}/credentials";
        String one = all + "/{credential}";
        String type = ResourceType.CONSUMERS.apiName();
        Schema shown = Schema.members(
                Map.of(
                        "id",
                        Schema.text(),
                        "type",
                        Schema.text(),
                        "created",
                        Schema.text(),
                        "prefix",
                        Schema.text(),
                        "lastUsed",
                        Schema.text()),
                List.of("id", "type", "created"));
        return List.of(
                Endpoint.of("GET", all, "listCredentials", "Lists the credentials of a consumer.", this::list)
                        .needs(Verb.READ, type)
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(shown)),
                Endpoint.of(
                                "POST",
                                all,
                                "createCredential",
                                "Adds a credential; makes the secret if none is given, and shows it this once.",
                                this::create)
                        .needs(Verb.WRITE, type)
                        .writes()
                        .reads(Schema.anything(
                                "A credential as a consumer has it; its secret may be left out and is made then."))
                        .answers(201, shown.and(Schema.members(Map.of(SECRET, Schema.text()), List.of()))),
                Endpoint.of("GET", one, "getCredential", "Reads a credential, without its secret.", this::get)
                        .needs(Verb.READ, type)
                        .answers(200, shown),
                Endpoint.of("DELETE", one, "deleteCredential", "Revokes a credential.", this::delete)
                        .needs(Verb.WRITE, type)
                        .writes());
    }

    private ApiReply list(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        ConsumerConfig consumer = readable(request, current);
        List<Integer> places =
                IntStream.range(0, consumer.credentials().size()).boxed().toList();
        return Lists.slice(
                        request,
                        places,
                        place -> Lists.sortable(place),
                        place -> used(consumer, consumer.credentials().get(place)))
                .withRevision(current.revision(), lastChanged(consumer.name()));
    }

    private ApiReply get(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        ConsumerConfig consumer = readable(request, current);
        CredentialConfig credential =
                find(consumer, request.pathParameter(CREDENTIAL)).orElseThrow(() -> noCredential(request));
        return ApiReply.ok(used(consumer, credential)).withRevision(current.revision(), lastChanged(consumer.name()));
    }

    private ApiReply create(ApiRequest request) {
        JsonNode body = request.json(JsonBounds.RESOURCE);
        Optional<String> made = Optional.empty();
        if (body instanceof ObjectNode object && !object.has(SECRET)) {
            made = Optional.of(secret());
            object.put(SECRET, made.get());
        }
        CredentialConfig wanted = bound(body);
        String consumer = request.pathParameter(CONSUMER);
        EditOperation.Patcher patcher = before -> {
            ConsumerConfig present = (ConsumerConfig) before;
            List<CredentialConfig> credentials = new ArrayList<>(present.credentials());
            credentials.add(wanted);
            try {
                return new EditOperation.Next<>(present.with(credentials));
            } catch (InvalidValueException tooMany) {
                return new EditOperation.Not<>(Patching.refused(
                        ResourceRef.of(ResourceType.CONSUMERS, present.name()),
                        List.of(Fault.of(
                                "",
                                ConfigProblem.OUT_OF_RANGE,
                                tooMany.faults().getFirst().detail()))));
            }
        };
        Changes.Outcome outcome = changes.make(
                request,
                "create-credential",
                "/consumers/" + Pointers.shown(consumer) + "/credentials",
                edit -> edit.withKey(Changes.key(request, JsonBounds.RESOURCE)),
                Changes::byName,
                new EditOperation.Patch(ResourceType.CONSUMERS, consumer, Precondition.unconditional(), patcher));
        if (outcome instanceof Changes.Tried || request.query().flag("dry_run")) {
            return Changes.finish(outcome, ApiReply.ok(Changes.summary(outcome)));
        }
        ConsumerConfig after = outcome.config()
                .consumers()
                .find(consumer)
                .orElseThrow(() -> ApiProblem.notFound("consumer \"" + Pointers.shown(consumer) + "\" is gone since"));
        if (!(outcome instanceof Changes.Made) || after.credentials().isEmpty()) {
            // This very request was answered before, and only that answer had the secret.
            return Changes.finish(outcome, ApiReply.ok(Changes.summary(outcome)));
        }
        CredentialConfig added = after.credentials().getLast();
        ObjectNode view = shown(added);
        made.ifPresent(text -> view.put(SECRET, text));
        return Changes.finish(
                outcome,
                ApiReply.json(isPending(outcome) ? 202 : 201, view)
                        .with(
                                "Location",
                                "/v1/consumers/" + consumer + "/credentials/"
                                        + added.id().orElseThrow())
                        .with("Cache-Control", "no-store")
                        .with("ETag", EditResult.etag(lastChanged(consumer))));
    }

    private ApiReply delete(ApiRequest request) {
        String name = request.pathParameter(CONSUMER);
        String id = request.pathParameter(CREDENTIAL);
        EditOperation.Patcher patcher = before -> {
            ConsumerConfig present = (ConsumerConfig) before;
            if (find(present, id).isEmpty()) {
                return new EditOperation.Not<>(new EditResult.NotFound(
                        new ResourceKey("consumers", present.name() + "/credentials/" + Pointers.shown(id))));
            }
            Optional<EditResult.Rejected> reason = Preconditions.ofPart(
                    request,
                    ConfigParts.key(ResourceType.CONSUMERS, present.name()),
                    lastChanged(present.name()),
                    true);
            if (reason.isPresent()) {
                return new EditOperation.Not<>(reason.get());
            }
            return new EditOperation.Next<>(present.with(present.credentials().stream()
                    .filter(credential -> !credential.id().equals(Optional.of(id)))
                    .toList()));
        };
        Changes.Outcome outcome = changes.make(
                request,
                "delete-credential",
                "/consumers/" + Pointers.shown(name) + "/credentials/" + Pointers.shown(id),
                edit -> edit,
                Changes::byName,
                new EditOperation.Patch(ResourceType.CONSUMERS, name, Precondition.unconditional(), patcher));
        boolean isTried = request.query().flag("dry_run");
        return Changes.finish(
                outcome,
                isTried || isPending(outcome)
                        ? ApiReply.json(isTried ? 200 : 202, Changes.summary(outcome))
                        : ApiReply.empty(204));
    }

    private String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return KEY_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static CredentialConfig bound(JsonNode body) {
        RecordBinder binder = new RecordBinder(Optional.empty());
        Optional<CredentialConfig> bound =
                binder.choice(CredentialConfig.class, body).map(CredentialConfig.class::cast);
        if (bound.isEmpty() || !binder.faults().isEmpty()) {
            throw ApiProblem.invalid(binder.faults());
        }
        return bound.get();
    }

    private static Optional<CredentialConfig> find(ConsumerConfig consumer, String id) {
        return consumer.credentials().stream()
                .filter(credential -> credential.id().equals(Optional.of(id)))
                .findFirst();
    }

    // With what was observed of it, which is no part of the configuration.
    private ObjectNode used(ConsumerConfig consumer, CredentialConfig credential) {
        ObjectNode view = shown(credential);
        credential
                .id()
                .flatMap(id -> parts.engine().lastUse(consumer.name(), id))
                .ifPresent(minute -> view.put("lastUsed", minute.toString()));
        return view;
    }

    /** What may be known of a credential. */
    private static ObjectNode shown(CredentialConfig credential) {
        ObjectNode view = JsonText.NODES.objectNode();
        credential.id().ifPresent(id -> view.put("id", id));
        view.put("type", credential.type());
        switch (credential) {
            case ApiKeyCredentialConfig key -> {}
            case BasicCredentialConfig basic -> view.put("username", basic.username());
            case HmacCredentialConfig hmac -> view.put("keyId", hmac.keyId());
        }
        switch (credential.secret()) {
            case SecretValue.Hashed hashed -> {
                view.put("created", hashed.created().toString());
                if (!hashed.prefix().isEmpty()) {
                    view.put("prefix", hashed.prefix());
                }
            }
            case SecretValue.Sealed sealed ->
                view.put("created", sealed.created().toString());
            case SecretValue.Given given -> {}
            case SecretValue.Kept kept -> {}
        }
        credential.expires().ifPresent(end -> view.put("expires", end.toString()));
        return view.put("enabled", credential.enabled());
    }

    private static ConsumerConfig readable(ApiRequest request, CurrentConfig current) {
        String name = request.pathParameter(CONSUMER);
        return current.config()
                .consumers()
                .find(name)
                .filter(found -> request.principal().may(Verb.READ, ResourceType.CONSUMERS.apiName(), found.tags()))
                .orElseThrow(() -> ApiProblem.notFound("There is no consumer \"" + Pointers.shown(name) + "\""));
    }

    private static ApiProblem noCredential(ApiRequest request) {
        return ApiProblem.of(
                404,
                "not-found",
                "There is no credential \"" + Pointers.shown(request.pathParameter(CREDENTIAL)) + "\"",
                "a credential is called by its id, which the list tells");
    }

    private long lastChanged(String consumer) {
        return parts.pipeline()
                .current()
                .lastChanged(ConfigParts.key(ResourceType.CONSUMERS, consumer))
                .orElse(0);
    }

    private static boolean isPending(Changes.Outcome outcome) {
        return outcome instanceof Changes.Made made && made.pendingWorkers() > 0;
    }
}
