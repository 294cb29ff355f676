package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.EditResult;
import io.penstock.admin.revision.Precondition;
import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ConfigProblem;
import io.penstock.config.HostPort;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.TargetConfig;
import io.penstock.config.UpstreamConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The targets of an upstream, each by its name or its address. Their tag is the upstream's, and a write of one changes
 * only that one, whatever others do to its neighbours meanwhile.
 */
final class TargetEndpoints {
    private static final String UPSTREAM = "upstream";
    private static final String TARGET = "target";

    private final AdminParts parts;
    private final Changes changes;

    TargetEndpoints(AdminParts parts, Changes changes) {
        this.parts = parts;
        this.changes = changes;
    }

    List<Endpoint> endpoints() {
        String all = "/v1/upstreams/{upstream}/targets";
        String one = all + "/{target}";
        String type = ResourceType.UPSTREAMS.apiName();
        Schema schema = Schema.of(TargetConfig.class);
        return List.of(
                Endpoint.of("GET", all, "listTargets", "Lists the targets of an upstream.", this::list)
                        .needs(Verb.READ, type)
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(schema)),
                Endpoint.of("GET", one, "getTarget", "Reads a target, by name or address.", this::get)
                        .needs(Verb.READ, type)
                        .answers(200, schema),
                Endpoint.of("PUT", one, "putTarget", "Adds or replaces a target.", this::put)
                        .needs(Verb.WRITE, type)
                        .writes()
                        .reads(schema)
                        .answers(200, schema),
                Endpoint.of("DELETE", one, "deleteTarget", "Removes a target.", this::delete)
                        .needs(Verb.WRITE, type)
                        .writes());
    }

    private ApiReply list(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        UpstreamConfig upstream = readable(request, current);
        List<Integer> places =
                IntStream.range(0, upstream.targets().size()).boxed().toList();
        return Lists.slice(
                        request,
                        places,
                        place -> Lists.sortable(place),
                        place -> ConfigJson.write(upstream.targets().get(place)))
                .withRevision(current.revision(), lastChanged(upstream.name()));
    }

    private ApiReply get(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        UpstreamConfig upstream = readable(request, current);
        int index = indexOf(upstream, request.pathParameter(TARGET)).orElseThrow(() -> noTarget(request));
        return ApiReply.ok(ConfigJson.write(upstream.targets().get(index)))
                .withRevision(current.revision(), lastChanged(upstream.name()));
    }

    private ApiReply put(ApiRequest request) {
        String label = request.pathParameter(TARGET);
        JsonNode body = request.json(JsonBounds.RESOURCE);
        TargetConfig target = bound(label, body);
        boolean[] isNew = {false};
        EditOperation.Patcher patcher = before -> {
            UpstreamConfig upstream = (UpstreamConfig) before;
            List<TargetConfig> targets = new ArrayList<>(upstream.targets());
            Optional<Integer> index = indexOf(upstream, label);
            Optional<EditResult.Rejected> reason = check(request, upstream.name(), index.isPresent());
            if (reason.isPresent()) {
                return new EditOperation.Not<>(reason.get());
            }
            index.ifPresentOrElse(at -> targets.set(at, target), () -> targets.add(target));
            isNew[0] = index.isEmpty();
            return new EditOperation.Next<>(Members.with((Resource) upstream, "targets", targets));
        };
        Changes.Outcome outcome = make(request, "put-target", patcher);
        if (request.query().flag("dry_run")) {
            return Changes.finish(outcome, ApiReply.ok(Changes.summary(outcome)));
        }
        ApiReply reply = isPending(outcome)
                ? ApiReply.json(202, Changes.summary(outcome))
                : ApiReply.json(isNew[0] ? 201 : 200, ConfigJson.write(target));
        return Changes.finish(outcome, reply.with("ETag", tag(request)));
    }

    private ApiReply delete(ApiRequest request) {
        String label = request.pathParameter(TARGET);
        EditOperation.Patcher patcher = before -> {
            UpstreamConfig upstream = (UpstreamConfig) before;
            Optional<Integer> index = indexOf(upstream, label);
            if (index.isEmpty()) {
                return new EditOperation.Not<>(new EditResult.NotFound(
                        new ResourceKey("upstreams", upstream.name() + "/targets/" + Pointers.shown(label))));
            }
            Optional<EditResult.Rejected> reason = check(request, upstream.name(), true);
            if (reason.isPresent()) {
                return new EditOperation.Not<>(reason.get());
            }
            List<TargetConfig> targets = new ArrayList<>(upstream.targets());
            targets.remove(index.get().intValue());
            return new EditOperation.Next<>(Members.with((Resource) upstream, "targets", targets));
        };
        Changes.Outcome outcome = make(request, "delete-target", patcher);
        boolean isTried = request.query().flag("dry_run");
        return Changes.finish(
                outcome,
                isTried || isPending(outcome)
                        ? ApiReply.json(isTried ? 200 : 202, Changes.summary(outcome))
                        : ApiReply.empty(204));
    }

    private Changes.Outcome make(ApiRequest request, String cause, EditOperation.Patcher patcher) {
        String upstream = request.pathParameter(UPSTREAM);
        return changes.make(
                request,
                cause,
                "/upstreams/" + Pointers.shown(upstream) + "/targets/" + Pointers.shown(request.pathParameter(TARGET)),
                edit -> edit,
                Changes::byName,
                new EditOperation.Patch(ResourceType.UPSTREAMS, upstream, Precondition.unconditional(), patcher));
    }

    /** A new target needs no condition; one that is there is replaced or removed only by who knows its upstream's tag. */
    private Optional<EditResult.Rejected> check(ApiRequest request, String upstream, boolean exists) {
        return Preconditions.ofPart(
                request, ConfigParts.key(ResourceType.UPSTREAMS, upstream), lastChanged(upstream), exists);
    }

    private static TargetConfig bound(String label, JsonNode body) {
        ObjectNode object = body instanceof ObjectNode sent ? sent.deepCopy() : null;
        if (object == null) {
            throw ApiProblem.invalid("", Fault.WRONG_TYPE, "found " + JsonText.kindOf(body) + ", wanted an object");
        }
        boolean isAddress = address(label).isPresent();
        if (isAddress && !object.has("address")) {
            object.put("address", label);
        } else if (!isAddress && !object.has("name")) {
            object.put("name", label);
        }
        return switch (ConfigJson.bind(TargetConfig.class, object)) {
            case ConfigJson.Good<TargetConfig>(TargetConfig target) -> {
                if (!isCalled(target, label)) {
                    throw ApiProblem.invalid(
                            isAddress ? "/address" : "/name",
                            ConfigProblem.BAD_VALUE,
                            "the path says \"" + Pointers.shown(label) + "\", the body another target");
                }
                yield target;
            }
            case ConfigJson.Bad<TargetConfig>(List<Fault> faults) -> throw ApiProblem.invalid(faults);
        };
    }

    /** A target by its name or its address. */
    static Optional<TargetConfig> find(UpstreamConfig upstream, String label) {
        return indexOf(upstream, label).map(index -> upstream.targets().get(index));
    }

    private static Optional<Integer> indexOf(UpstreamConfig upstream, String label) {
        for (int i = 0; i < upstream.targets().size(); i++) {
            if (isCalled(upstream.targets().get(i), label)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    private static boolean isCalled(TargetConfig target, String label) {
        return target.name().equals(Optional.of(label)) || address(label).equals(Optional.of(target.address()));
    }

    private static Optional<HostPort> address(String label) {
        try {
            return Optional.of(HostPort.parse(label));
        } catch (IllegalArgumentException aName) {
            return Optional.empty();
        }
    }

    private UpstreamConfig readable(ApiRequest request, CurrentConfig current) {
        String name = request.pathParameter(UPSTREAM);
        return current.config()
                .upstreams()
                .find(name)
                .filter(found -> request.principal().may(Verb.READ, ResourceType.UPSTREAMS.apiName(), found.tags()))
                .orElseThrow(() -> ApiProblem.notFound("There is no upstream \"" + Pointers.shown(name) + "\""));
    }

    static ApiProblem noTarget(ApiRequest request) {
        return ApiProblem.of(
                404,
                "not-found",
                "There is no target \"" + Pointers.shown(request.pathParameter(TARGET)) + "\"",
                "a target is called by its name, or by its address with the colon as %3A");
    }

    private String tag(ApiRequest request) {
        return EditResult.etag(lastChanged(request.pathParameter(UPSTREAM)));
    }

    private long lastChanged(String upstream) {
        return parts.pipeline()
                .current()
                .lastChanged(ConfigParts.key(ResourceType.UPSTREAMS, upstream))
                .orElse(0);
    }

    private static boolean isPending(Changes.Outcome outcome) {
        return outcome instanceof Changes.Made made && made.pendingWorkers() > 0;
    }
}
