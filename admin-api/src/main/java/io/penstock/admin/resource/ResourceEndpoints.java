package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.IdempotencyKey;
import io.penstock.admin.revision.PartChange;
import io.penstock.admin.revision.Precondition;
import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ConfigProblem;
import io.penstock.config.References;
import io.penstock.config.Resource;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The collection of one type of resource: lists, reads, and every write that makes one revision. */
final class ResourceEndpoints {
    private static final String NAME = "name";

    private final AdminParts parts;
    private final Changes changes;
    private final ResourceType type;
    private final ResourceList list;
    private final SecretViews views;

    ResourceEndpoints(AdminParts parts, Changes changes, ResourceType type) {
        this.parts = parts;
        this.changes = changes;
        this.type = type;
        this.views = new SecretViews(parts);
        this.list = new ResourceList(type, views);
    }

    List<Endpoint> endpoints() {
        String all = "/v1/" + type.apiName();
        String one = all + "/{name}";
        String noun = type.singular();
        String id = Schemas.nameOf(type.recordClass());
        Schema schema = Schema.of(type.recordClass().asSubclass(Record.class));
        Schema shown = SecretViews.schema(type);
        Schema uses = Schema.members(
                Map.of("items", Schema.listOf(Schema.object("A resource and its path in the API."))), List.of("items"));
        Schema rename = Schema.members(Map.of("to", Schema.text()), List.of("to"));
        List<Endpoint> endpoints = new ArrayList<>(List.of(
                read("GET", all, "list" + id + "s", "Lists every " + noun + ".", this::list)
                        .takes(
                                QueryParameter.LIMIT,
                                QueryParameter.CURSOR,
                                QueryParameter.TAG,
                                QueryParameter.QUERY,
                                QueryParameter.choice(
                                        "sort",
                                        "The order; changed is that of the revisions.",
                                        "name",
                                        "-name",
                                        "changed",
                                        "-changed"))
                        .answers(200, Schema.pageOf(shown)),
                write(
                                "POST",
                                all,
                                "create" + id,
                                "Creates a " + noun + ", once for each Idempotency-Key.",
                                this::create)
                        .reads(schema)
                        .answers(201, shown),
                read("GET", one, "get" + id, "Reads a " + noun + ".", this::get).answers(200, shown),
                write("PUT", one, "put" + id, "Creates or replaces a " + noun + ".", this::put)
                        .reads(schema)
                        .answers(200, shown),
                write("PATCH", one, "patch" + id, "Changes members of a " + noun + ".", this::patch)
                        .reads(
                                Schema.anything("A merge patch (RFC 7396) or a JSON patch (RFC 6902)."),
                                "application/merge-patch+json",
                                "application/json-patch+json")
                        .answers(200, shown),
                write("DELETE", one, "delete" + id, "Removes a " + noun + " that nothing refers to.", this::delete),
                read(
                                "GET",
                                one + "/used-by",
                                "list" + id + "Uses",
                                "Lists what refers to a " + noun + ".",
                                this::usedBy)
                        .answers(200, uses),
                write(
                                "POST",
                                one + ":rename",
                                "rename" + id,
                                "Renames a " + noun + " and every reference to it.",
                                this::rename)
                        .reads(rename)
                        .answers(200, shown)));
        if (type == ResourceType.ROUTES) {
            endpoints.replaceAll(each -> each.operationId().equals("get" + id)
                    ? each.takes(QueryParameter.choice(
                            "view",
                            "effective gives what all levels together give, each value with its origin.",
                            "written",
                            "effective"))
                    : each);
        }
        return endpoints;
    }

    private Endpoint read(String method, String path, String id, String summary, Endpoint.Handler handler) {
        return Endpoint.of(method, path, id, summary, handler).needs(Verb.READ, type.apiName());
    }

    private Endpoint write(String method, String path, String id, String summary, Endpoint.Handler handler) {
        return Endpoint.of(method, path, id, summary, handler)
                .needs(Verb.WRITE, type.apiName())
                .writes();
    }

    private ApiReply list(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        return list.page(request, current).with("Config-Revision", Long.toString(current.revision()));
    }

    private ApiReply get(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        Resource resource = readable(request, current);
        long lastChanged = current.lastChanged(key(resource.name())).orElse(0);
        // What a route gets from other levels changes with these, so that only the whole configuration's tag is right.
        boolean isEffective = type == ResourceType.ROUTES
                && request.query()
                        .choice("view", "written", List.of("written", "effective"))
                        .equals("effective");
        long tag = isEffective ? current.revision() : lastChanged;
        if (Preconditions.isUnchanged(request, tag)) {
            return ApiReply.empty(304).withRevision(current.revision(), tag);
        }
        ObjectNode body = isEffective
                ? EffectiveView.of(current.config(), resource.name())
                : views.of(resource, current.config());
        return ApiReply.ok(body).withRevision(current.revision(), tag);
    }

    private Resource readable(ApiRequest request, CurrentConfig current) {
        String name = request.pathParameter(NAME);
        return current.config()
                .find(type, name)
                // What a token cannot see is not there for it.
                .filter(resource -> request.principal().may(Verb.READ, type.apiName(), resource.tags()))
                .orElseThrow(() ->
                        ApiProblem.notFound("There is no " + type.singular() + " \"" + Pointers.shown(name) + "\""));
    }

    private ApiReply create(ApiRequest request) {
        JsonNode body = SecretViews.withoutViews(type, request.json(JsonBounds.RESOURCE));
        Resource resource = bound(bindNamed(body));
        Optional<IdempotencyKey> key = Changes.key(request, JsonBounds.RESOURCE);
        try {
            return written(
                    request,
                    "create",
                    resource.name(),
                    key,
                    new EditOperation.Put(resource, new Precondition.Absent()));
        } catch (ApiProblem refused) {
            // Nobody asked by a header whether it exists, so that it does is a conflict and no failed precondition.
            throw refused.code().equals("exists") ? exists(resource.name()) : refused;
        }
    }

    private ApiProblem exists(String name) {
        return ApiProblem.of(
                409,
                "exists",
                type.singular() + " \"" + Pointers.shown(name) + "\" exists already",
                "PUT /v1/" + type.apiName() + "/" + Pointers.shown(name) + " replaces it");
    }

    private ConfigJson.Bound<Resource> bindNamed(JsonNode body) {
        ConfigJson.Bound<? extends Record> bound =
                ConfigJson.bind(type.recordClass().asSubclass(Record.class), body);
        return switch (bound) {
            case ConfigJson.Good<? extends Record>(Record value) -> new ConfigJson.Good<>((Resource) value);
            case ConfigJson.Bad<? extends Record>(List<Fault> faults) -> new ConfigJson.Bad<>(faults);
        };
    }

    private ApiReply put(ApiRequest request) {
        String name = request.pathParameter(NAME);
        Precondition precondition = Preconditions.of(request);
        Resource resource = bound(
                ConfigJson.bindResource(type, name, SecretViews.withoutViews(type, request.json(JsonBounds.RESOURCE))));
        return written(request, "put", name, Optional.empty(), new EditOperation.Put(resource, precondition));
    }

    private ApiReply patch(ApiRequest request) {
        String name = request.pathParameter(NAME);
        JsonEdit edit = request.patch(JsonBounds.RESOURCE);
        return written(
                request,
                "patch",
                name,
                Optional.empty(),
                new EditOperation.Patch(type, name, Preconditions.of(request), Patching.of(type, name, edit)));
    }

    private ApiReply delete(ApiRequest request) {
        String name = request.pathParameter(NAME);
        EditOperation delete = new EditOperation.Delete(type, name, Preconditions.of(request));
        Changes.Outcome outcome = make(request, "delete", name, Optional.empty(), delete);
        if (outcome instanceof Changes.Tried || isPending(outcome)) {
            return Changes.finish(outcome, ApiReply.json(isPending(outcome) ? 202 : 200, single(outcome, name)));
        }
        return Changes.finish(outcome, ApiReply.empty(204));
    }

    private ApiReply usedBy(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        Resource resource = readable(request, current);
        ObjectNode body = JsonText.NODES.objectNode();
        ArrayNode items = body.putArray("items");
        for (ResourceUse use : References.usedBy(current.config(), type, resource.name())) {
            ResourceRef user = use.user();
            String kind = user.type().map(ResourceType::apiName).orElse("defaults");
            items.addObject()
                    .put("type", kind)
                    .put("name", user.name())
                    .put("resource", Rejections.path(user))
                    .put("pointer", use.pointer());
        }
        return ApiReply.ok(body).with("Config-Revision", Long.toString(current.revision()));
    }

    private ApiReply rename(ApiRequest request) {
        String from = request.pathParameter(NAME);
        BodyMembers members = BodyMembers.of(request.json(JsonBounds.RESOURCE), "to");
        String to = members.required("to");
        members.end();
        Renaming renaming = new Renaming(type, from, to, Preconditions.of(request));
        try {
            return written(
                    request,
                    "rename",
                    to,
                    Changes.key(request, JsonBounds.RESOURCE),
                    new EditOperation.Transform(
                            before -> renaming.apply(before, parts.pipeline().current())));
        } catch (ApiProblem refused) {
            throw refused.code().equals("exists")
                            && request.header("If-None-Match").isEmpty()
                    ? exists(to)
                    : refused;
        }
    }

    private ApiReply written(
            ApiRequest request, String cause, String name, Optional<IdempotencyKey> key, EditOperation operation) {
        Changes.Outcome outcome = make(request, cause, name, key, operation);
        if (outcome instanceof Changes.Tried || request.query().flag("dry_run")) {
            return Changes.finish(outcome, ApiReply.ok(single(outcome, name)));
        }
        Resource resource = outcome.config().find(type, name).orElse(null);
        if (resource == null) {
            // Only a repeated request can find its resource gone: someone removed it since.
            throw ApiProblem.notFound(type.singular() + " \"" + name + "\" was made by revision " + outcome.revision()
                    + " and is gone since");
        }
        boolean isReplay = outcome instanceof Changes.Same same && same.isReplay();
        // What is renamed is new only by its name. What was created once is told so again, to whom asks by the same
        // key.
        boolean isCreated = (isReplay && cause.equals("create"))
                || (!cause.equals("rename")
                        && outcome.changes().stream()
                                .anyMatch(change -> change.key().equals(key(name))
                                        && change.before().isEmpty()));
        boolean isPending = isPending(outcome);
        ApiReply reply = isPending
                ? ApiReply.json(202, single(outcome, name))
                : ApiReply.json(isCreated ? 201 : 200, views.of(resource, outcome.config()));
        if (isCreated) {
            reply = reply.with("Location", "/v1/" + type.apiName() + "/" + name);
        }
        if (!outcome.warnings().isEmpty()) {
            reply = reply.with(
                    "Config-Warnings",
                    outcome.warnings().stream()
                            .map(warning -> warning.code())
                            .distinct()
                            .reduce((a, b) -> a + ", " + b)
                            .orElse(""));
        }
        return Changes.finish(outcome, reply.with("ETag", "\"r" + lastChanged(outcome, name) + "\""));
    }

    private long lastChanged(Changes.Outcome outcome, String name) {
        return outcome instanceof Changes.Made made
                        && made.changes().stream()
                                .anyMatch(change -> change.key().equals(key(name)))
                ? made.revision()
                : parts.pipeline().current().lastChanged(key(name)).orElse(outcome.revision());
    }

    private Changes.Outcome make(
            ApiRequest request, String cause, String name, Optional<IdempotencyKey> key, EditOperation operation) {
        ResourceRef here = ResourceRef.of(type, name);
        Function<ConfigProblem, Fault> place =
                problem -> problem.resource().equals(here) ? Fault.of("", problem) : Changes.byName(problem);
        return changes.make(
                request,
                cause,
                "/" + type.apiName() + "/" + Pointers.shown(name),
                edit -> edit.withKey(key),
                place,
                operation);
    }

    private ObjectNode single(Changes.Outcome outcome, String name) {
        ObjectNode body = Changes.summary(outcome);
        body.remove("changes");
        outcome.config().find(type, name).ifPresent(found -> body.set("resource", views.of(found, outcome.config())));
        ArrayNode diff = JsonText.NODES.arrayNode();
        for (PartChange change : outcome.changes()) {
            if (change.key().equals(key(name))) {
                diff.addAll(ChangeView.diff(
                        change.before().map(ConfigJson::write), change.after().map(ConfigJson::write)));
            }
        }
        if (outcome instanceof Changes.Same) {
            body.put("dryRun", true).put("wouldBeRevision", outcome.revision());
        }
        body.set("diff", diff);
        return body;
    }

    private static boolean isPending(Changes.Outcome outcome) {
        return outcome instanceof Changes.Made made && made.pendingWorkers() > 0;
    }

    private static Resource bound(ConfigJson.Bound<Resource> bound) {
        return switch (bound) {
            case ConfigJson.Good<Resource>(Resource resource) -> resource;
            case ConfigJson.Bad<Resource>(List<Fault> faults) -> throw ApiProblem.invalid(faults);
        };
    }

    private ResourceKey key(String name) {
        return ConfigParts.key(type, name);
    }
}
