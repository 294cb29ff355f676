package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.store.Page;
import io.penstock.admin.store.ResourceChange;
import io.penstock.admin.store.RevisionRecord;
import io.penstock.admin.store.RevisionSummary;
import io.penstock.config.ResourceType;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the configuration was: revisions, their differences, and the way back. */
final class RevisionEndpoints {
    private static final String CONFIG = "config";
    private static final Set<String> HOLDING_SECRETS = Set.of(
            ResourceType.SECRETS.apiName(),
            ResourceType.CONSUMERS.apiName(),
            ResourceType.CERTIFICATES.apiName(),
            ResourceType.ACME_ACCOUNTS.apiName());

    private static final String ALL = "/v1/config/revisions";
    private static final String ONE = ALL + "/{revision}";

    private final AdminParts parts;
    private final Changes changes;

    RevisionEndpoints(AdminParts parts, Changes changes) {
        this.parts = parts;
        this.changes = changes;
    }

    List<Endpoint> endpoints() {
        Schema summary = Schema.of(RevisionSummary.class);
        return List.of(
                Endpoint.of("GET", ALL, "listRevisions", "Lists revisions, newest first.", this::list)
                        .needs(Verb.READ, CONFIG)
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(summary)),
                Endpoint.of("GET", ONE, "getRevision", "Reads a revision and what it changed.", this::get)
                        .needs(Verb.READ, CONFIG)
                        .answers(200, Schema.object("The revision and its changes.")),
                Endpoint.of(
                                "GET",
                                ONE + "/diff",
                                "diffRevisions",
                                "Tells what leads from one revision to another.",
                                this::diff)
                        .needs(Verb.READ, CONFIG)
                        .takes(QueryParameter.text("to", "The other revision; the newest if absent."))
                        .answers(200, Schema.object("The changes, by resource.")),
                Endpoint.of(
                                "POST",
                                ONE + ":rollback",
                                "rollback",
                                "Brings back everything as it was in a revision.",
                                this::rollback)
                        .needs(Verb.WRITE, CONFIG)
                        .writes()
                        .answers(200, Schema.object("The revision that the rollback made, and its changes.")));
    }

    private ApiReply list(ApiRequest request) {
        requireWholeView(request);
        Page<RevisionSummary> page = parts.store().revisions(Lists.numberCursor(request), Lists.limit(request));
        ArrayNode items = JsonText.NODES.arrayNode();
        page.items().forEach(summary -> items.add(ConfigJson.write(summary)));
        return Lists.page(request, items, page.nextCursor().map(Lists::cursor));
    }

    private ApiReply get(ApiRequest request) {
        requireWholeView(request);
        long number = number(request);
        RevisionRecord record = parts.store().record(number).orElseThrow(() -> unknown(number));
        ObjectNode body = ConfigJson.write(record.summary());
        body.set("changes", changes(record.changes()));
        return ApiReply.ok(body);
    }

    private ApiReply diff(ApiRequest request) {
        requireWholeView(request);
        long from = number(request);
        OptionalLong to = request.query().number("to");
        long end = to.orElseGet(() -> parts.pipeline().current().revision());
        List<ResourceChange> found = parts.store().diff(from, end).orElseThrow(() -> unknown(from, end));
        ObjectNode body = JsonText.NODES.objectNode().put("from", from).put("to", end);
        body.set("changes", changes(found));
        return ApiReply.ok(body);
    }

    private ApiReply rollback(ApiRequest request) {
        long number = number(request);
        Changes.Outcome outcome = changes.make(
                request,
                "rollback",
                "/config/revisions/" + number,
                edit -> edit.withConfigPrecondition(Preconditions.orNone(request))
                        .withKey(Changes.key(request, JsonBounds.RESOURCE)),
                Changes::byName,
                new EditOperation.Rollback(number));
        return ConfigEndpoints.answered(outcome, parts.store());
    }

    /** A revision is of everything; a token narrowed to some tags cannot see it. */
    private static void requireWholeView(ApiRequest request) {
        if (!request.principal().may(Verb.READ, CONFIG, List.of())) {
            throw ApiProblem.of(
                    403, "forbidden", "Your token sees only resources with its tags, and revisions hold all");
        }
    }

    /** Stored changes as the API shows them. */
    static ArrayNode changes(List<ResourceChange> changes) {
        ArrayNode list = JsonText.NODES.arrayNode();
        for (ResourceChange change : changes) {
            list.add(ChangeView.of(
                    change.key(),
                    change.before().map(json -> shown(change, json)),
                    change.after().map(json -> shown(change, json))));
        }
        return list;
    }

    private static JsonNode shown(ResourceChange change, String stored) {
        JsonNode json = json(stored);
        return HOLDING_SECRETS.contains(change.key().type()) ? SecretJson.shown(json) : json;
    }

    private static JsonNode json(String stored) {
        try {
            return JsonText.read(stored, JsonBounds.DOCUMENT);
        } catch (UnreadableTextException corrupt) {
            throw new IllegalStateException("the store gave what is no JSON", corrupt);
        }
    }

    private static long number(ApiRequest request) {
        String text = request.pathParameter("revision");
        String digits = text.startsWith("r") ? text.substring(1) : text;
        if (!digits.matches("[0-9]{1,18}")) {
            throw ApiProblem.notFound("\"" + Pointers.shown(text) + "\" is no revision");
        }
        return Long.parseLong(digits);
    }

    private static ApiProblem unknown(long... numbers) {
        String which = Arrays.stream(numbers)
                .mapToObj(Long::toString)
                .reduce((a, b) -> a + " or " + b)
                .orElse("");
        return ApiProblem.notFound("Revision " + which + " never was, or is kept no longer");
    }
}
