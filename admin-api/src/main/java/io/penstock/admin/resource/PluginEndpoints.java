package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.store.PluginRecord;
import io.penstock.config.ConfigProblem;
import io.penstock.config.PluginUse;
import io.penstock.spi.PluginRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Plugins and their versions: packages that never change. Storing one makes no revision and touches no traffic. */
final class PluginEndpoints {
    static final String ZIP = "application/zip";

    /** Bytes of a package: what the library reads at most. */
    private static final int ZIP_BYTES_MAX = 8 << 20;

    private static final String ENTRY = "main.mjs";

    private final AdminParts parts;
    private final PluginViews views;

    PluginEndpoints(AdminParts parts) {
        this.parts = parts;
        this.views = new PluginViews(parts);
    }

    List<Endpoint> endpoints() {
        String one = "/v1/plugins/{name}";
        String version = one + "/versions/{version}";
        Schema single = Schema.members(
                Map.of(
                        "manifest",
                        Schema.object("plugin.json; name, version, api and entry may be left out."),
                        "source",
                        Schema.text()),
                List.of("source"));
        Schema full = Schema.of(PluginViews.PluginVersionView.class);
        return List.of(
                Endpoint.of("GET", "/v1/plugins", "listPlugins", "Lists the plugins that are stored.", this::list)
                        .needs(Verb.READ, PluginViews.TYPE)
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(Schema.of(PluginViews.PluginView.class))),
                Endpoint.of(
                                "GET",
                                one,
                                "getPlugin",
                                "Reads a plugin: its versions, where it is used, how it fares and what it costs.",
                                this::get)
                        .needs(Verb.READ, PluginViews.TYPE)
                        .answers(
                                200,
                                Schema.members(
                                        Map.of(
                                                "name", Schema.text(),
                                                "mode", Schema.text(),
                                                "versions", Schema.listOf(full),
                                                "usedBy", Schema.listOf(Schema.of(PluginViews.PluginUseView.class))),
                                        List.of("name", "mode", "versions", "usedBy"))),
                Endpoint.of(
                                "GET",
                                version,
                                "getPluginVersion",
                                "Reads a version with its manifest; with Accept: application/zip, its package.",
                                this::version)
                        .needs(Verb.READ, PluginViews.TYPE)
                        .answers(200, full, Endpoint.JSON, ZIP),
                Endpoint.of(
                                "PUT",
                                version,
                                "putPluginVersion",
                                "Stores a version for good: a zip package, or one module as JSON. Makes no revision.",
                                this::put)
                        .needs(Verb.WRITE, PluginViews.TYPE)
                        .takes(QueryParameter.DRY_RUN)
                        .reads(single, Endpoint.JSON, ZIP)
                        .answers(201, full),
                Endpoint.of(
                                "DELETE",
                                version,
                                "deletePluginVersion",
                                "Removes a version that no kept revision names.",
                                this::delete)
                        .needs(Verb.WRITE, PluginViews.TYPE));
    }

    private ApiReply list(ApiRequest request) {
        return Lists.slice(request, views.plugins(request), PluginViews.PluginView::name, ConfigJson::write);
    }

    private ApiReply get(ApiRequest request) {
        String name = request.pathParameter("name");
        List<PluginRecord> versions = parts.plugins().all().stream()
                .filter(plugin -> plugin.name().equals(name))
                .toList();
        if (versions.isEmpty()) {
            throw noPlugin(name);
        }
        ObjectNode body = JsonText.NODES
                .objectNode()
                .put("name", name)
                .put("mode", parts.plugins().mode());
        ArrayNode list = body.putArray("versions");
        versions.forEach(plugin -> list.add(ConfigJson.write(views.version(request, plugin))));
        ArrayNode uses = body.putArray("usedBy");
        views.usedBy(request, name, Optional.empty()).forEach(use -> uses.add(ConfigJson.write(use)));
        return ApiReply.ok(body);
    }

    private ApiReply version(ApiRequest request) {
        PluginRecord plugin = find(parts, request);
        if (request.prefers(ZIP, Endpoint.JSON)) {
            byte[] zip = parts.plugins()
                    .content(plugin.name(), plugin.version())
                    .orElseThrow(() -> noVersion(plugin.name(), plugin.version()));
            return ApiReply.stream(ZIP, out -> out.write(zip))
                    .with("ETag", "\"" + plugin.sha256() + "\"")
                    .with("Vary", "Accept");
        }
        return ApiReply.ok(views.full(request, plugin))
                .with("ETag", "\"" + plugin.sha256() + "\"")
                .with("Vary", "Accept");
    }

    private ApiReply put(ApiRequest request) {
        requireUntagged(request, Verb.WRITE);
        String name = request.pathParameter("name");
        String version = request.pathParameter("version");
        requireNames(name, version);
        if (request.header("If-None-Match").isPresent()
                && parts.plugins().find(name, version).isPresent()) {
            throw ApiProblem.of(412, "exists", "Plugin " + name + "@" + version + " exists already");
        }
        boolean isZip = request.isOf(ZIP);
        byte[] zip = isZip ? request.bytes(ZIP_BYTES_MAX) : single(request.json(JsonBounds.RESOURCE), name, version);
        boolean dryRun = request.query().flag("dry_run");
        try {
            PluginRegistry.Stored stored = parts.plugins().put(name, version, zip, actor(request), dryRun);
            ObjectNode body = views.full(request, stored.plugin());
            return switch (stored) {
                case PluginRegistry.Added added ->
                    ApiReply.json(201, body)
                            .with("Location", path(name, version))
                            .with("ETag", tag(added.plugin()));
                case PluginRegistry.Present present -> ApiReply.ok(body).with("ETag", tag(present.plugin()));
                case PluginRegistry.Tried tried -> ApiReply.ok(body.put("dryRun", true));
            };
        } catch (PluginRefusedException refused) {
            throw isZip
                    ? PluginFaults.ofPackage(refused, "", "")
                    : PluginFaults.ofPackage(refused, "/manifest", "/source");
        }
    }

    private static String tag(PluginRecord plugin) {
        return "\"" + plugin.sha256() + "\"";
    }

    /** A package of one module. */
    private static byte[] single(JsonNode body, String name, String version) {
        if (!(body instanceof ObjectNode object)) {
            throw ApiProblem.invalid("", Fault.WRONG_TYPE, "found " + JsonText.kindOf(body) + ", wanted an object");
        }
        for (String member : object.propertyNames()) {
            if (!member.equals("manifest") && !member.equals("source")) {
                throw ApiProblem.invalid(
                        Pointers.member("", member),
                        ConfigProblem.UNKNOWN_MEMBER,
                        "unknown member \"" + Pointers.shown(member) + "\", known: manifest, source");
            }
        }
        JsonNode source = object.get("source");
        if (source == null || !source.isString()) {
            throw ApiProblem.invalid(
                    "/source",
                    source == null ? ConfigProblem.REQUIRED : Fault.WRONG_TYPE,
                    "wanted the module's source as a text");
        }
        JsonNode said = object.has("manifest") ? object.get("manifest") : JsonText.NODES.objectNode();
        if (!(said instanceof ObjectNode given)) {
            throw ApiProblem.invalid(
                    "/manifest", Fault.WRONG_TYPE, "found " + JsonText.kindOf(said) + ", wanted an object");
        }
        ObjectNode manifest = JsonText.NODES
                .objectNode()
                .put("name", name)
                .put("version", version)
                .put("api", 1)
                .put("entry", ENTRY);
        manifest.setAll(given);
        Map<String, byte[]> files = new HashMap<>();
        files.put("plugin.json", JsonText.write(manifest));
        files.put(manifest.path("entry").asString(ENTRY), source.stringValue().getBytes(StandardCharsets.UTF_8));
        return PluginZip.of(files);
    }

    private ApiReply delete(ApiRequest request) {
        requireUntagged(request, Verb.WRITE);
        PluginRecord plugin = find(parts, request);
        List<PluginViews.PluginUseView> uses = views.usedBy(request, plugin.name(), Optional.of(plugin.version()));
        if (!uses.isEmpty()) {
            ArrayNode users = JsonText.NODES.arrayNode();
            uses.forEach(use -> users.add(use.resource()));
            throw ApiProblem.of(
                            409,
                            "in-use",
                            "Plugin " + plugin.id() + " is in use by " + uses.size() + " entries",
                            "move them to another version: POST /v1/plugins/" + plugin.name() + ":upgrade")
                    .with("usedBy", users);
        }
        Optional<Long> named = parts.plugins().remove(plugin, actor(request));
        if (named.isPresent()) {
            throw ApiProblem.of(
                    409,
                    "in-use",
                    "Revision " + named.get() + " names plugin " + plugin.id() + ", and can still be gone back to",
                    "it can be deleted when that revision is kept no longer");
        }
        return ApiReply.empty(204);
    }

    static PluginRegistry.Actor actor(ApiRequest request) {
        return new PluginRegistry.Actor(
                request.principal().actor(), Optional.of(request.address()), Changes.note(request));
    }

    /** Plugins carry no tags: whoever is held to tags may not change what everybody shares. */
    static void requireUntagged(ApiRequest request, Verb verb) {
        if (!request.principal().may(verb, PluginViews.TYPE, List.of())) {
            throw ApiProblem.of(
                    403,
                    "forbidden",
                    "Your token is held to tags, and plugins carry none",
                    "ask for a token without tags that may " + verb.text() + " plugins");
        }
    }

    private static void requireNames(String name, String version) {
        if (!PluginUse.isName(name) || !PluginUse.isVersion(version)) {
            throw ApiProblem.of(
                    400,
                    "bad-path",
                    "\"" + Pointers.shown(name) + "\" in version \"" + Pointers.shown(version) + "\" can be no plugin",
                    "a name has lower case letters, digits and hyphens, a version looks like 1.2.3 (semver.org)");
        }
    }

    static PluginRecord find(AdminParts parts, ApiRequest request) {
        String name = request.pathParameter("name");
        String version = request.pathParameter("version");
        return parts.plugins().find(name, version).orElseThrow(() -> noVersion(name, version));
    }

    static ApiProblem noPlugin(String name) {
        return ApiProblem.notFound("There is no plugin \"" + Pointers.shown(name) + "\"");
    }

    private static ApiProblem noVersion(String name, String version) {
        return ApiProblem.notFound(
                "There is no version \"" + Pointers.shown(version) + "\" of plugin \"" + Pointers.shown(name) + "\"");
    }

    private static String path(String name, String version) {
        return "/v1/plugins/" + name + "/versions/" + version;
    }
}
