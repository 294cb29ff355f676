package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.EditOperation;
import io.penstock.admin.revision.PluginBindings;
import io.penstock.admin.store.Page;
import io.penstock.admin.store.ResourceChange;
import io.penstock.admin.store.RevisionSummary;
import io.penstock.config.ConfigProblem;
import io.penstock.config.PluginCanary;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PluginUse;
import io.penstock.config.ProxyConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Moves every entry that names a plugin to another version, in one revision, and back. */
final class PluginMoves {
    /** How far back a rollback looks for the last move. */
    private static final int REVISIONS_MAX = 1_000;

    private final AdminParts parts;
    private final Changes changes;

    PluginMoves(AdminParts parts, Changes changes) {
        this.parts = parts;
        this.changes = changes;
    }

    List<Endpoint> endpoints() {
        Schema wish = Schema.members(Map.of("version", Schema.text()), List.of());
        Schema outcome = Schema.object("The revision, what changed, and warnings.");
        return List.of(
                Endpoint.of(
                                "POST",
                                "/v1/plugins/{name}:upgrade",
                                "upgradePlugin",
                                "Moves every use of a plugin to one version, the newest release if none is named, in one"
                                        + " revision. Needs write on what holds the uses too.",
                                this::upgrade)
                        .needs(Verb.WRITE, PluginViews.TYPE)
                        .writes()
                        .reads(wish)
                        .answers(200, outcome),
                Endpoint.of(
                                "POST",
                                "/v1/plugins/{name}:rollback",
                                "rollbackPlugin",
                                "Takes the last move of a plugin's uses to another version back, in one revision.",
                                this::rollback)
                        .needs(Verb.WRITE, PluginViews.TYPE)
                        .writes()
                        .answers(200, outcome));
    }

    private ApiReply upgrade(ApiRequest request) {
        String name = request.pathParameter("name");
        List<String> known = parts.plugins().versionsOf(name);
        if (known.isEmpty()) {
            throw PluginEndpoints.noPlugin(name);
        }
        JsonNode body = request.jsonIfAny(JsonBounds.RESOURCE).orElseGet(JsonText.NODES::objectNode);
        BodyMembers members = BodyMembers.of(body, "version");
        String version = members.text("version").orElseGet(() -> newestRelease(known));
        if (!known.contains(version)) {
            members.fault(
                    "version",
                    ConfigProblem.UNKNOWN_REFERENCE,
                    "no version \"" + Pointers.shown(version) + "\" of plugin \"" + name + "\"; known: "
                            + String.join(", ", known));
        }
        members.end();
        return make(
                request,
                "upgrade-plugin",
                before -> PluginBindings.with(
                        before, PluginBindings.of(before), binding -> upgraded(binding.entry(), name, version)));
    }

    private static String newestRelease(List<String> known) {
        return known.stream()
                .filter(version -> version.indexOf('-') < 0)
                .max(PluginUse.ORDER)
                .orElse(known.getLast());
    }

    private static PluginFilterConfig upgraded(PluginFilterConfig entry, String name, String version) {
        Optional<PluginUse> use =
                PluginUse.parse(entry.use()).filter(parsed -> parsed.name().equals(name));
        if (use.isEmpty()) {
            return entry;
        }
        // A canary of the version that all now get has done its work.
        Optional<PluginCanary> canary =
                entry.canary().filter(tried -> !tried.resolved().equals(Optional.of(version)));
        return with(entry, use.get().movedTo(version).toString(), version, canary);
    }

    private static PluginFilterConfig with(
            PluginFilterConfig entry, String use, String version, Optional<PluginCanary> canary) {
        return new PluginFilterConfig(
                use, Optional.of(version), entry.config(), entry.onFailure(), canary, entry.enabled());
    }

    /** What an entry was before it was moved. */
    private record Former(String use, String version) {}

    private ApiReply rollback(ApiRequest request) {
        String name = request.pathParameter("name");
        if (parts.plugins().versionsOf(name).isEmpty()) {
            throw PluginEndpoints.noPlugin(name);
        }
        Map<String, Former> formers = lastMove(name);
        if (formers.isEmpty()) {
            throw ApiProblem.of(
                    409,
                    "nothing-to-roll-back",
                    "No kept revision moved a use of plugin \"" + Pointers.shown(name) + "\" to another version",
                    "POST /v1/plugins/" + name + ":upgrade with a version moves all uses to it");
        }
        return make(
                request,
                "rollback-plugin",
                before -> PluginBindings.with(before, PluginBindings.of(before), binding -> {
                    Former former = formers.get(place(binding));
                    PluginFilterConfig entry = binding.entry();
                    return former == null || !isOf(entry, name)
                            ? entry
                            : with(entry, former.use(), former.version(), entry.canary());
                }));
    }

    private static boolean isOf(PluginFilterConfig entry, String name) {
        return PluginUse.parse(entry.use()).map(use -> use.name().equals(name)).orElse(false);
    }

    /** What the newest revision that moved uses of a plugin moved them from, by their place. */
    private Map<String, Former> lastMove(String name) {
        Optional<String> cursor = Optional.empty();
        int seen = 0;
        do {
            Page<RevisionSummary> page = parts.store().revisions(cursor, 100);
            for (RevisionSummary revision : page.items()) {
                Map<String, Former> formers = new HashMap<>();
                parts.store()
                        .record(revision.number())
                        .ifPresent(record -> record.changes().forEach(change -> moved(change, name, formers)));
                if (!formers.isEmpty()) {
                    return formers;
                }
            }
            seen += page.items().size();
            cursor = page.nextCursor();
        } while (cursor.isPresent() && seen < REVISIONS_MAX);
        return Map.of();
    }

    private static void moved(ResourceChange change, String name, Map<String, Former> formers) {
        // Most changes are about something else, and need not be read.
        String mark = "\"" + name + "@";
        if (change.before().filter(json -> json.contains(mark)).isEmpty()
                || change.after().filter(json -> json.contains(mark)).isEmpty()) {
            return;
        }
        JsonNode before = JsonText.parse(change.before().get());
        JsonNode after = JsonText.parse(change.after().get());
        for (String list : List.of("filters", "auth")) {
            moved(
                    change.key().type() + "/" + change.key().name() + "/" + list,
                    before.path(list),
                    after.path(list),
                    name,
                    formers);
        }
    }

    private static void moved(String place, JsonNode before, JsonNode after, String name, Map<String, Former> formers) {
        List<Former> left = named(before, name);
        List<Former> now = named(after, name);
        // Entries that came or went make the places of the others uncertain: then nothing was moved but edited.
        if (left.size() != now.size()) {
            return;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!left.get(i).version().equals(now.get(i).version())
                    && !left.get(i).version().isEmpty()) {
                formers.put(place + "/" + places(after, name).get(i), left.get(i));
            }
        }
    }

    private static List<Former> named(JsonNode filters, String name) {
        List<Former> found = new ArrayList<>();
        for (int place : places(filters, name)) {
            JsonNode filter = filters.get(place);
            found.add(new Former(
                    filter.path("use").asString(""), filter.path("resolved").asString("")));
        }
        return found;
    }

    private static List<Integer> places(JsonNode filters, String name) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i).path("use").asString("").startsWith(name + "@")) {
                places.add(i);
            }
        }
        return places;
    }

    private static String place(PluginBindings.Binding binding) {
        return binding.holder()
                        .type()
                        .map(type -> type.apiName() + "/" + binding.holder().name())
                        .orElse("defaults/defaults")
                + binding.pointer();
    }

    /** Gives the next configuration. */
    @FunctionalInterface
    private interface Move {
        ProxyConfig of(ProxyConfig before);
    }

    private ApiReply make(ApiRequest request, String cause, Move move) {
        Changes.Outcome outcome = changes.make(
                request,
                cause,
                "/plugins/" + request.pathParameter("name"),
                edit -> edit.withConfigPrecondition(Preconditions.orNone(request))
                        .withKey(Changes.key(request, JsonBounds.RESOURCE)),
                Changes::byName,
                new EditOperation.Transform(before -> new EditOperation.Next<>(move.of(before))));
        return ConfigEndpoints.answered(outcome, parts.store());
    }
}
