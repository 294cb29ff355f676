package io.penstock.admin.resource;

import io.penstock.admin.access.NewToken;
import io.penstock.admin.access.Role;
import io.penstock.admin.access.TokenResult;
import io.penstock.admin.access.TokenView;
import io.penstock.admin.access.Verb;
import io.penstock.config.ConfigProblem;
import io.penstock.config.Spelling;
import io.penstock.config.ValueText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tokens and roles, and the first token in exchange for the setup token. */
final class AccessEndpoints {
    private static final String TOKENS = "tokens";
    private static final List<String> MEMBERS = List.of("name", "roles", "tags", "expiresIn", "note");

    private final AdminParts parts;

    AccessEndpoints(AdminParts parts) {
        this.parts = parts;
    }

    List<Endpoint> endpoints() {
        Schema token = Schema.of(TokenView.class);
        Schema wish = Schema.members(
                Map.of(
                        "name", Schema.text(),
                        "roles", Schema.listOf(Schema.text()),
                        "tags", Schema.listOf(Schema.text()),
                        "expiresIn", Schema.text(),
                        "note", Schema.text()),
                List.of("name", "roles"));
        Schema issued = Schema.members(Map.of("secret", Schema.text(), "token", token), List.of("secret", "token"));
        return List.of(
                Endpoint.of(
                                "GET",
                                "/v1/tokens",
                                "listTokens",
                                "Lists tokens; a secret is never shown again.",
                                this::list)
                        .needs(Verb.READ, TOKENS)
                        .answers(200, Schema.pageOf(token)),
                Endpoint.of(
                                "POST",
                                "/v1/tokens",
                                "issueToken",
                                "Makes a token and shows its secret, once.",
                                this::issue)
                        .needs(Verb.WRITE, TOKENS)
                        .reads(wish)
                        .answers(201, issued),
                Endpoint.of("GET", "/v1/tokens/{id}", "getToken", "Reads a token.", this::get)
                        .needs(Verb.READ, TOKENS)
                        .answers(200, token),
                Endpoint.of(
                                "DELETE",
                                "/v1/tokens/{id}",
                                "revokeToken",
                                "Revokes a token, at once and for good.",
                                this::revoke)
                        .needs(Verb.WRITE, TOKENS)
                        .answers(200, token),
                Endpoint.of("GET", "/v1/roles", "listRoles", "Lists the roles that tokens may have.", this::roles)
                        .needs(Verb.READ, "roles")
                        .answers(200, Schema.pageOf(Schema.object("A role and what it allows."))),
                Endpoint.of(
                                "POST",
                                "/v1/setup",
                                "claim",
                                "Exchanges the setup token for the first admin token.",
                                this::claim)
                        .reads(Schema.members(
                                Map.of("name", Schema.text(), "expiresIn", Schema.text(), "note", Schema.text()),
                                List.of()))
                        .answers(201, issued));
    }

    private ApiReply list(ApiRequest request) {
        ArrayNode items = JsonText.NODES.arrayNode();
        parts.access().tokens().forEach(token -> items.add(ConfigJson.write(token)));
        return Lists.page(request, items, Optional.empty());
    }

    private ApiReply get(ApiRequest request) {
        String id = request.pathParameter("id");
        return ApiReply.ok(ConfigJson.write(parts.access().token(id).orElseThrow(() -> noToken(id))));
    }

    private ApiReply issue(ApiRequest request) {
        NewToken wish = wish(request.json(JsonBounds.RESOURCE), Optional.empty());
        return answered(parts.access().issue(request.principal(), request.address(), wish));
    }

    private ApiReply revoke(ApiRequest request) {
        return answered(parts.access().revoke(request.principal(), request.address(), request.pathParameter("id")));
    }

    private ApiReply claim(ApiRequest request) {
        JsonNode body = request.jsonIfAny(JsonBounds.RESOURCE).orElseGet(JsonText.NODES::objectNode);
        return answered(parts.access().claim(request.address(), wish(body, Optional.of("first-admin"))));
    }

    private ApiReply roles(ApiRequest request) {
        ArrayNode items = JsonText.NODES.arrayNode();
        for (Role role : parts.access().roles()) {
            ObjectNode view = items.addObject().put("name", role.name()).put("description", role.description());
            ArrayNode grants = view.putArray("grants");
            role.grants().forEach(grant -> {
                ObjectNode one = grants.addObject();
                ArrayNode verbs = one.putArray("verbs");
                grant.verbs().stream().sorted().forEach(verb -> verbs.add(verb.text()));
                ArrayNode types = one.putArray("types");
                grant.types().stream().sorted().forEach(types::add);
            });
        }
        return Lists.page(request, items, Optional.empty());
    }

    private static ApiReply answered(TokenResult result) {
        return switch (result) {
            case TokenResult.Issued(TokenView token, String secret) -> {
                ObjectNode body = JsonText.NODES.objectNode().put("secret", secret);
                body.set("token", ConfigJson.write(token));
                yield ApiReply.json(201, body)
                        .with("Location", "/v1/tokens/" + token.id())
                        .with("Cache-Control", "no-store");
            }
            case TokenResult.Revoked(TokenView token) -> ApiReply.ok(ConfigJson.write(token));
            case TokenResult.NotFound(String id) -> throw noToken(id);
            case TokenResult.LastAdmin last ->
                throw ApiProblem.of(
                        409,
                        "last-admin",
                        "This is the last token that may do everything; nobody could make another",
                        "make another token with the role admin first");
            case TokenResult.Invalid(String pointer, String detail) ->
                throw ApiProblem.invalid(pointer, ConfigProblem.BAD_VALUE, detail);
            case TokenResult.NothingToClaim nothing ->
                throw ApiProblem.of(409, "nothing-to-claim", "The setup token was claimed already");
        };
    }

    private static NewToken wish(JsonNode body, Optional<String> nameByDefault) {
        List<Fault> faults = new ArrayList<>();
        if (!(body instanceof ObjectNode object)) {
            throw ApiProblem.invalid("", Fault.WRONG_TYPE, "found " + RecordBinder.kindOf(body) + ", wanted an object");
        }
        for (String member : object.propertyNames()) {
            if (!MEMBERS.contains(member)) {
                faults.add(new Fault(
                        Pointers.member("", member),
                        ConfigProblem.UNKNOWN_MEMBER,
                        "unknown member \"" + Pointers.shown(member) + "\"",
                        Spelling.nearest(member, MEMBERS).map(near -> "did you mean \"" + near + "\"?"),
                        Optional.empty()));
            }
        }
        Optional<String> name = text(object, "name", faults).or(() -> nameByDefault);
        Optional<Duration> life = text(object, "expiresIn", faults).flatMap(text -> duration(text, faults));
        List<String> roles = texts(object, "roles", faults);
        List<String> tags = texts(object, "tags", faults);
        Optional<String> note = text(object, "note", faults);
        if (name.isEmpty()) {
            faults.add(Fault.of("/name", ConfigProblem.REQUIRED, "\"name\" is missing"));
        }
        if (!faults.isEmpty()) {
            throw ApiProblem.invalid(faults);
        }
        return new NewToken(name.orElseThrow(), roles, tags, life, note);
    }

    private static Optional<String> text(ObjectNode object, String member, List<Fault> faults) {
        JsonNode value = object.get(member);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString() || value.stringValue().length() > 4096) {
            faults.add(Fault.of(
                    "/" + member, Fault.WRONG_TYPE, "found " + RecordBinder.kindOf(value) + ", wanted a text"));
            return Optional.empty();
        }
        return Optional.of(value.stringValue());
    }

    private static List<String> texts(ObjectNode object, String member, List<Fault> faults) {
        List<String> texts = new ArrayList<>();
        JsonNode value = object.get(member);
        if (value != null && (!value.isArray() || value.size() > 64)) {
            faults.add(Fault.of("/" + member, Fault.WRONG_TYPE, "wanted a list of at most 64 texts"));
        } else if (value != null) {
            for (int i = 0; i < value.size(); i++) {
                if (value.get(i).isString()) {
                    texts.add(value.get(i).stringValue());
                } else {
                    faults.add(Fault.of(
                            "/" + member + "/" + i,
                            Fault.WRONG_TYPE,
                            "found " + RecordBinder.kindOf(value.get(i)) + ", wanted a text"));
                }
            }
        }
        return texts;
    }

    private static Optional<Duration> duration(String text, List<Fault> faults) {
        try {
            return Optional.of((Duration) ValueText.parse(Duration.class, text));
        } catch (IllegalArgumentException noDuration) {
            faults.add(Fault.of(
                    "/expiresIn",
                    ConfigProblem.BAD_VALUE,
                    Optional.ofNullable(noDuration.getMessage()).orElse("")));
            return Optional.empty();
        }
    }

    private static ApiProblem noToken(String id) {
        return ApiProblem.notFound("There is no token \"" + Pointers.shown(id) + "\"");
    }
}
