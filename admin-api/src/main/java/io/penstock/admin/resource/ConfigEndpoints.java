package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.CurrentConfig;
import io.penstock.admin.revision.Edit;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.store.ConfigStore;
import io.penstock.config.ConfigWarning;
import io.penstock.config.Defaults;
import io.penstock.config.Resource;
import io.penstock.config.ResourceType;
import io.penstock.config.ValueText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The configuration as a whole: export, replace, and the declarative and bulk ways to change it. */
final class ConfigEndpoints {
    private static final String CONFIG = "config";
    private static final QueryParameter PRUNE = QueryParameter.flag(
            "prune", "Remove what is not in the document: its owner's, or nobody's if it has none.");
    private static final QueryParameter SELECT =
            QueryParameter.text("select", "Touch only resources with this tag; may be repeated, then all are needed.");
    private static final QueryParameter OWNER =
            QueryParameter.text("owner", "Whose the document is, unless it says so itself.");
    private static final QueryParameter TAKE =
            QueryParameter.flag("take", "Change what belongs to other documents, and own it.");
    private static final QueryParameter REPLACE =
            QueryParameter.flag("replace", "As PUT would do it, and not as :apply would.");
    private static final QueryParameter CONFIRM_WITHIN =
            QueryParameter.text("confirm_within", "Take the change back unless :confirm comes in time, 1s to 1h.");

    private final AdminParts parts;
    private final Changes changes;

    ConfigEndpoints(AdminParts parts, Changes changes) {
        this.parts = parts;
        this.changes = changes;
    }

    List<Endpoint> endpoints() {
        Schema document = documentSchema();
        Schema outcome = Schema.object("The revision, what changed, and warnings.");
        String yaml = Endpoint.YAML;
        String json = Endpoint.JSON;
        return List.of(
                Endpoint.of(
                                "GET",
                                "/v1/config",
                                "exportConfig",
                                "Exports the configuration as one document.",
                                this::export)
                        .needs(Verb.READ, CONFIG)
                        .takes(QueryParameter.choice(
                                "view",
                                "full has every member, brief what a person would write (the default in YAML).",
                                "full",
                                "brief"))
                        .answers(200, document, json, yaml),
                write("PUT", "/v1/config", "replaceConfig", "Replaces the configuration by a document.", this::replace)
                        .takes(CONFIRM_WITHIN)
                        .reads(document, json, yaml)
                        .answers(200, outcome),
                Endpoint.of(
                                "POST",
                                "/v1/config:validate",
                                "validateConfig",
                                "Tells every fault of a document.",
                                this::validate)
                        .needs(Verb.READ, CONFIG)
                        .reads(document, json, yaml)
                        .answers(200, Schema.object("Whether it is valid, and warnings.")),
                Endpoint.of(
                                "POST",
                                "/v1/config:diff",
                                "diffConfig",
                                "Tells what applying a document would change.",
                                this::diff)
                        .needs(Verb.READ, CONFIG)
                        .takes(PRUNE, SELECT, OWNER, TAKE, REPLACE)
                        .reads(document, json, yaml)
                        .answers(200, outcome),
                write("POST", "/v1/config:apply", "applyConfig", "Lays a document over the configuration.", this::apply)
                        .takes(PRUNE, SELECT, OWNER, TAKE, CONFIRM_WITHIN)
                        .reads(document, json, yaml)
                        .answers(200, outcome),
                write("POST", "/v1/config:edit", "editConfig", "Makes several changes in one revision.", this::edit)
                        .takes(CONFIRM_WITHIN)
                        .reads(BulkEdit.schema())
                        .answers(200, outcome),
                Endpoint.of(
                                "POST",
                                "/v1/config:confirm",
                                "confirmConfig",
                                "Keeps the revision on trial.",
                                this::confirm)
                        .needs(Verb.OPERATE, CONFIG)
                        .reads(Schema.members(Map.of("revision", Schema.integer(Optional.empty())), List.of()))
                        .answers(200, Schema.object("The revision that stays.")));
    }

    private static Endpoint write(String method, String path, String id, String summary, Endpoint.Handler handler) {
        return Endpoint.of(method, path, id, summary, handler)
                .needs(Verb.WRITE, CONFIG)
                .writes();
    }

    static Schema documentSchema() {
        Schema schema = Schema.members(
                        Map.of("apiVersion", Schema.choice(ConfigDocument.API_VERSION)), List.of("apiVersion"))
                .plus("owner", Schema.text(), false)
                .plus("defaults", Schema.of(Defaults.class), false)
                .plus("plugins", Schema.listOf(pluginSchema()), false);
        for (ResourceType type : ResourceType.values()) {
            schema = schema.plus(
                    type.documentName(),
                    Schema.listOf(Schema.of(type.recordClass().asSubclass(Record.class))),
                    false);
        }
        return schema;
    }

    private static Schema pluginSchema() {
        return Schema.members(
                Map.of("name", Schema.text(), "version", Schema.text(), "sha256", Schema.text()),
                List.of("name", "version"));
    }

    private ApiReply export(ApiRequest request) {
        CurrentConfig current = parts.pipeline().current();
        if (Preconditions.isUnchanged(request, current.revision())) {
            return ApiReply.empty(304).withRevision(current.revision(), current.revision());
        }
        boolean isYaml = request.prefers(Endpoint.YAML, Endpoint.JSON);
        Predicate<Resource> shown = resource ->
                request.principal().may(Verb.READ, ResourceType.of(resource).apiName(), resource.tags());
        boolean isBrief = request.query()
                .choice("view", isYaml ? "brief" : "full", List.of("full", "brief"))
                .equals("brief");
        List<DocumentPlugin> plugins = request.principal().may(Verb.READ, PluginViews.TYPE)
                ? parts.plugins().named(current.config())
                : List.of();
        DocumentWriter writer =
                (isBrief ? DocumentWriter.brief(shown) : DocumentWriter.full(shown)).withPlugins(plugins);
        ApiReply reply = isYaml
                ? ApiReply.stream(Endpoint.YAML, out -> writer.yaml(current.config(), out))
                : ApiReply.stream(Endpoint.JSON, out -> writer.json(current.config(), out));
        return reply.withRevision(current.revision(), current.revision()).with("Vary", "Accept");
    }

    /** The document, whose plugins are stored here as it says. */
    private ConfigDocument document(ApiRequest request) {
        ConfigDocument document = request.document(JsonBounds.DOCUMENT);
        List<Fault> faults = parts.plugins().absent(document.plugins());
        if (!faults.isEmpty()) {
            throw ApiProblem.invalid(faults);
        }
        return document;
    }

    private ApiReply replace(ApiRequest request) {
        ConfigDocument document = document(request);
        Optional<Duration> confirmWithin = confirmWithin(request);
        Changes.Outcome outcome = changes.make(
                request,
                "replace",
                "/config",
                edit -> edit.withConfigPrecondition(Preconditions.of(request)).withConfirmWithin(confirmWithin),
                document::locate,
                document.replacement());
        return answered(outcome, parts.store());
    }

    private ApiReply validate(ApiRequest request) {
        ConfigDocument document = document(request);
        Changes.Outcome outcome =
                tried(request, document, before -> new EditOperation.Next<>(DocumentApply.replace(before, document)));
        ObjectNode body = JsonText.NODES.objectNode().put("valid", true);
        body.set("warnings", Changes.warnings(outcome.warnings()));
        return ApiReply.ok(body);
    }

    private ApiReply diff(ApiRequest request) {
        ConfigDocument document = owned(request, document(request));
        DocumentApply apply = apply(request, document);
        boolean replaces = request.query().flag("replace");
        Changes.Outcome outcome = tried(
                request,
                document,
                before -> replaces
                        ? new EditOperation.Next<>(DocumentApply.replace(before, document))
                        : apply.apply(before));
        return answered(outcome, parts.store());
    }

    /** What a change would be, for who may only read: a dry run asks no authority of its own. */
    private Changes.Outcome tried(ApiRequest request, ConfigDocument document, EditOperation.Transformer transformer) {
        return changes.make(
                request,
                "diff",
                "/config",
                edit -> new Edit(
                        edit.operations(),
                        edit.config(),
                        edit.actor(),
                        edit.source(),
                        edit.note(),
                        edit.cause(),
                        edit.target(),
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        // What is read stays what the token may see: a narrowed token may not look at the rest this
                        // way.
                        change -> request.principal().maySee(change)),
                document::locate,
                new EditOperation.Transform(transformer));
    }

    private ApiReply apply(ApiRequest request) {
        ConfigDocument document = owned(request, document(request));
        DocumentApply apply = apply(request, document);
        Optional<Duration> confirmWithin = confirmWithin(request);
        Changes.Outcome outcome = changes.make(
                request,
                "apply",
                "/config",
                edit -> edit.withConfigPrecondition(Preconditions.orNone(request))
                        .withConfirmWithin(confirmWithin)
                        .withKey(Changes.key(request, JsonBounds.DOCUMENT)),
                document::locate,
                new EditOperation.Transform(apply::apply));
        return answered(outcome, parts.store(), apply.warnings(outcome));
    }

    private static DocumentApply apply(ApiRequest request, ConfigDocument document) {
        return new DocumentApply(
                document,
                request.query().flag("prune"),
                request.query().all("select"),
                request.query().flag("take"));
    }

    private static ConfigDocument owned(ApiRequest request, ConfigDocument document) {
        Optional<String> owner = request.query().one("owner");
        if (owner.isEmpty() || document.owner().isPresent()) {
            return document;
        }
        UnaryOperator<Resource> stamp = resource -> {
            try {
                return resource.owner().isPresent() ? resource : Members.with(resource, "owner", owner);
            } catch (IllegalArgumentException refused) {
                throw ApiProblem.badParameter("owner", "wanted 1 to 128 letters, digits, '.', '_' or '-'", "");
            }
        };
        return new ConfigDocument(
                owner,
                document.defaults(),
                document.resources().stream().map(stamp).toList(),
                document.types(),
                document.plugins(),
                document.pointers());
    }

    private ApiReply edit(ApiRequest request) {
        BulkEdit bulk = BulkEdit.of(request.json(JsonBounds.DOCUMENT));
        Optional<Duration> confirmWithin = confirmWithin(request);
        Function<Edit, Edit> adjust = edit -> edit.withConfigPrecondition(Preconditions.orNone(request))
                .withConfirmWithin(confirmWithin)
                .withKey(Changes.key(request, JsonBounds.DOCUMENT));
        Changes.Outcome outcome = changes.make(
                request,
                "edit",
                "/config",
                adjust,
                bulk::locate,
                bulk.operations().toArray(EditOperation[]::new));
        return answered(outcome, parts.store());
    }

    private ApiReply confirm(ApiRequest request) {
        OptionalLong wanted = OptionalLong.empty();
        Optional<JsonNode> body = request.jsonIfAny(JsonBounds.RESOURCE);
        if (body.isPresent() && body.get().has("revision")) {
            JsonNode revision = body.get().get("revision");
            if (!revision.isIntegralNumber()) {
                throw ApiProblem.invalid("/revision", Fault.WRONG_TYPE, "wanted the number of a revision");
            }
            wanted = OptionalLong.of(revision.longValue());
        }
        long revision = changes.confirm(request, wanted);
        return ApiReply.ok(JsonText.NODES.objectNode().put("revision", revision).put("confirmed", true))
                .with("Config-Revision", Long.toString(revision));
    }

    /** What a write of the whole answers. */
    static ApiReply answered(Changes.Outcome outcome, ConfigStore store) {
        return answered(outcome, store, List.of());
    }

    private static ApiReply answered(Changes.Outcome outcome, ConfigStore store, List<ConfigWarning> more) {
        boolean isPending = outcome instanceof Changes.Made made && made.pendingWorkers() > 0;
        ObjectNode body = Changes.summary(outcome);
        body.withArray("warnings").addAll(Changes.warnings(more));
        if (outcome instanceof Changes.Same same && same.isReplay()) {
            store.record(same.revision())
                    .ifPresent(record -> body.set("changes", RevisionEndpoints.changes(record.changes())));
        }
        ApiReply reply = ApiReply.json(isPending ? 202 : 200, body);
        return Changes.finish(
                outcome,
                outcome instanceof Changes.Tried ? reply : reply.with("ETag", "\"r" + outcome.revision() + "\""));
    }

    private static Optional<Duration> confirmWithin(ApiRequest request) {
        return request.query().one("confirm_within").map(text -> {
            Duration within;
            try {
                within = (Duration) ValueText.parse(Duration.class, text);
            } catch (IllegalArgumentException noDuration) {
                throw ApiProblem.badParameter(
                        "confirm_within",
                        Optional.ofNullable(noDuration.getMessage()).orElse(""),
                        "");
            }
            if (within.compareTo(Duration.ofSeconds(1)) < 0 || within.compareTo(Edit.CONFIRM_WITHIN_MAX) > 0) {
                throw ApiProblem.badParameter("confirm_within", "wanted 1s to 1h", "");
            }
            return within;
        });
    }
}
