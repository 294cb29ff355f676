package io.penstock.admin.resource;

import io.penstock.admin.access.Grant;
import io.penstock.admin.access.Role;
import io.penstock.admin.access.RoleResult;
import io.penstock.admin.access.Verb;
import io.penstock.admin.store.KeptAnswer;
import io.penstock.config.ConfigProblem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The roles that tokens may have: verbs on types of resources, some of them only by tag. */
final class RoleEndpoints {
    private static final String ROLES = "roles";

    private final AdminParts parts;
    private final OnceOnly onceOnly;
    private final Supplier<Set<String>> types;

    /**
     * The endpoints of roles.
     *
     * @param types everything that an endpoint needs a verb on
     */
    RoleEndpoints(AdminParts parts, OnceOnly onceOnly, Supplier<Set<String>> types) {
        this.parts = parts;
        this.onceOnly = onceOnly;
        this.types = types;
    }

    List<Endpoint> endpoints() {
        Schema grant = Schema.members(
                Map.of(
                        "verbs", Schema.listOf(Schema.text()),
                        "types", Schema.listOf(Schema.text()),
                        "tags", Schema.listOf(Schema.text())),
                List.of("verbs", "types"));
        Schema wish = Schema.members(
                Map.of("name", Schema.text(), "description", Schema.text(), "grants", Schema.listOf(grant)),
                List.of("name", "grants"));
        Schema role = wish.plus("builtIn", Schema.flag(), true);
        String one = "/v1/roles/{name}";
        return List.of(
                Endpoint.of("GET", "/v1/roles", "listRoles", "Lists the roles that tokens may have.", this::list)
                        .needs(Verb.READ, ROLES)
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(role)),
                Endpoint.of(
                                "POST",
                                "/v1/roles",
                                "makeRole",
                                "Makes a role that allows no more than the caller may do. It never changes.",
                                this::make)
                        .needs(Verb.WRITE, ROLES)
                        .onceOnly()
                        .reads(wish)
                        .answers(201, role),
                Endpoint.of("GET", one, "getRole", "Reads a role.", this::get)
                        .needs(Verb.READ, ROLES)
                        .answers(200, role),
                Endpoint.of("DELETE", one, "removeRole", "Removes a role that no active token has.", this::remove)
                        .needs(Verb.WRITE, ROLES)
                        .answers(200, role));
    }

    private ApiReply list(ApiRequest request) {
        return Lists.slice(
                request,
                parts.access().roles(),
                role -> (Role.BUILT_IN.contains(role)
                        ? Lists.sortable(Role.BUILT_IN.indexOf(role))
                        : "a" + role.name()),
                RoleEndpoints::view);
    }

    private ApiReply get(ApiRequest request) {
        String name = request.pathParameter("name");
        return parts.access().roles().stream()
                .filter(role -> role.name().equals(name))
                .findFirst()
                .map(role -> ApiReply.ok(view(role)))
                .orElseThrow(() -> noRole(name));
    }

    private ApiReply make(ApiRequest request) {
        Role role = wish(request.json(JsonBounds.RESOURCE));
        return onceOnly.answer(request, keeper -> {
            Optional<KeptAnswer> kept = keeper.keep(answered(new RoleResult.Made(role)));
            return answered(parts.access().makeRole(request.principal(), request.address(), role, kept));
        });
    }

    private ApiReply remove(ApiRequest request) {
        return answered(
                parts.access().removeRole(request.principal(), request.address(), request.pathParameter("name")));
    }

    private static ApiReply answered(RoleResult result) {
        return switch (result) {
            case RoleResult.Made(Role role) ->
                ApiReply.json(201, view(role)).with("Location", "/v1/roles/" + role.name());
            case RoleResult.Removed(Role role) -> ApiReply.ok(view(role));
            case RoleResult.NotFound(String name) -> throw noRole(name);
            case RoleResult.Exists(String name) ->
                throw ApiProblem.of(
                        409,
                        "exists",
                        "There is a role \"" + name + "\" already, and a role never changes",
                        "make one of another name, and tokens that have it");
            case RoleResult.BuiltIn(String name) ->
                throw ApiProblem.of(409, "built-in", "The role \"" + name + "\" is built in and stays");
            case RoleResult.InUse(String name, List<String> tokenIds) ->
                throw ApiProblem.of(
                        409,
                        "in-use",
                        "The role \"" + name + "\" is that of " + tokenIds.size() + " active tokens: "
                                + String.join(", ", tokenIds.stream().limit(20).toList()),
                        "revoke them first");
            case RoleResult.TooWide(String name) ->
                throw ApiProblem.of(
                        403,
                        "forbidden",
                        "The role \"" + name + "\" would allow more than your token",
                        "nobody gives away more than they have");
            case RoleResult.TooMany(int countMax) ->
                throw ApiProblem.of(409, "too-many-roles", "There are " + countMax + " roles already");
        };
    }

    private static ObjectNode view(Role role) {
        ObjectNode view = JsonText.NODES
                .objectNode()
                .put("name", role.name())
                .put("description", role.description())
                .put("builtIn", Role.BUILT_IN.contains(role));
        ArrayNode grants = view.putArray("grants");
        role.grants().forEach(grant -> {
            ObjectNode one = grants.addObject();
            ArrayNode verbs = one.putArray("verbs");
            grant.verbs().stream().sorted().forEach(verb -> verbs.add(verb.text()));
            grant.types().stream().sorted().forEach(one.putArray("types")::add);
            grant.tags().stream().sorted().forEach(one.putArray("tags")::add);
        });
        return view;
    }

    private Role wish(JsonNode body) {
        BodyMembers members = BodyMembers.of(body, "name", "description", "grants");
        String name = members.required("name");
        if (members.has("name") && !name.matches("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")) {
            members.fault("name", ConfigProblem.BAD_VALUE, "wanted 1 to 64 of a to z, 0 to 9 and inner hyphens");
        }
        String description = members.text("description").orElse("");
        List<Grant> grants = new ArrayList<>();
        for (BodyMembers grant : members.objects("grants", "verbs", "types", "tags")) {
            grants.add(grant(grant));
        }
        if (members.isSound() && grants.isEmpty()) {
            members.fault("grants", ConfigProblem.REQUIRED, "a role allows something: at least one grant is needed");
        }
        members.end();
        return new Role(name, description, grants);
    }

    private Grant grant(BodyMembers members) {
        Set<Verb> verbs = new TreeSet<>();
        List<String> words = members.texts("verbs");
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            Arrays.stream(Verb.values())
                    .filter(verb -> verb.text().equals(word))
                    .findFirst()
                    .ifPresentOrElse(verbs::add, badWord(members, "verbs/" + i, word, "read, write, operate"));
        }
        List<String> named = members.texts("types");
        for (int i = 0; i < named.size(); i++) {
            String type = named.get(i).startsWith("-") ? named.get(i).substring(1) : named.get(i);
            if (!named.get(i).equals("*") && !types.get().contains(type)) {
                badWord(members, "types/" + i, named.get(i), "* or one of " + String.join(", ", types.get()))
                        .run();
            }
        }
        if (members.isSound() && (verbs.isEmpty() || named.isEmpty())) {
            members.fault("", ConfigProblem.REQUIRED, "a grant has at least one of \"verbs\" and one of \"types\"");
        }
        return new Grant(verbs, Set.copyOf(named), Set.copyOf(members.texts("tags")));
    }

    private static Runnable badWord(BodyMembers members, String place, String found, String wanted) {
        return () -> members.fault(
                place, ConfigProblem.BAD_VALUE, "found \"" + Pointers.shown(found) + "\", wanted " + wanted);
    }

    private static ApiProblem noRole(String name) {
        return ApiProblem.notFound("There is no role \"" + Pointers.shown(name) + "\"");
    }
}
