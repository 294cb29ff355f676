package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.AuditEvent;
import io.penstock.admin.store.AuditQuery;
import io.penstock.admin.store.AuditRecord;
import io.penstock.admin.store.ChainVerdict;
import io.penstock.admin.store.Page;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Who did or tried what. */
final class AuditEndpoints {
    private static final String AUDIT = "audit";

    private final AdminParts parts;

    AuditEndpoints(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        return List.of(
                Endpoint.of("GET", "/v1/audit", "listAudit", "Lists the audit log, newest first.", this::list)
                        .needs(Verb.READ, AUDIT)
                        .takes(
                                QueryParameter.LIMIT,
                                QueryParameter.CURSOR,
                                QueryParameter.text("actor", "Exactly this actor, such as token:deploy."),
                                QueryParameter.text("action", "This action, or all below it."),
                                QueryParameter.text("target", "Targets that begin with this."),
                                QueryParameter.text("revision", "Lines of this revision."),
                                QueryParameter.text("since", "Not older than this time (RFC 3339)."),
                                QueryParameter.text("until", "Older than this time (RFC 3339)."))
                        .answers(200, Schema.pageOf(Schema.object("A line of the log with its hash."))),
                Endpoint.of(
                                "POST",
                                "/v1/audit:verify",
                                "verifyAudit",
                                "Recomputes the hash chains of the audit log and of the revisions.",
                                this::verify)
                        .needs(Verb.READ, AUDIT)
                        .answers(200, Schema.object("What was found of each chain.")));
    }

    private ApiReply list(ApiRequest request) {
        QueryParameters query = request.query();
        OptionalLong revision = query.number("revision");
        Page<AuditRecord> page = parts.store()
                .audit()
                .list(new AuditQuery(
                        query.one("actor"),
                        query.one("action"),
                        query.one("target"),
                        revision.isPresent() ? Optional.of(revision.getAsLong()) : Optional.empty(),
                        instant(query, "since"),
                        instant(query, "until"),
                        Lists.numberCursor(request),
                        Lists.limit(request)));
        ArrayNode items = JsonText.NODES.arrayNode();
        page.items().forEach(record -> items.add(view(record)));
        return Lists.page(request, items, page.nextCursor().map(Lists::cursor));
    }

    private ApiReply verify(ApiRequest request) {
        ObjectNode body = JsonText.NODES.objectNode();
        body.set("audit", view(parts.store().audit().verify()));
        body.set("revisions", view(parts.store().verify()));
        return ApiReply.ok(body);
    }

    private static ObjectNode view(ChainVerdict verdict) {
        return JsonText.NODES.objectNode().put("sound", verdict.isSound()).setAll(ConfigJson.write(verdict));
    }

    private static ObjectNode view(AuditRecord record) {
        AuditEvent event = record.event();
        ObjectNode view = JsonText.NODES
                .objectNode()
                .put("number", record.number())
                .put("timestamp", event.timestamp().toString())
                .put("actor", event.actor());
        event.source().ifPresent(source -> view.put("source", source));
        view.put("action", event.action())
                .put("target", event.target())
                .put("outcome", event.outcome().text());
        event.revision().ifPresent(revision -> view.put("revision", revision));
        event.note().ifPresent(note -> view.put("note", note));
        event.detail().ifPresent(detail -> view.put("detail", detail));
        event.changes().ifPresent(changes -> {
            try {
                view.set("changes", JsonText.read(changes, JsonBounds.DOCUMENT));
            } catch (UnreadableTextException cut) {
                view.put("changes", changes);
            }
        });
        return view.put("hash", record.hash());
    }

    private static Optional<Instant> instant(QueryParameters query, String name) {
        return query.one(name).map(text -> {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException noTime) {
                throw ApiProblem.badParameter(name, "wanted a time in UTC", "for example 2027-01-31T00:00:00Z");
            }
        });
    }
}
