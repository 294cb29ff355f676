package io.penstock.admin.resource;

import io.penstock.admin.access.NewToken;
import io.penstock.admin.access.TokenResult;
import io.penstock.admin.access.TokenView;
import io.penstock.admin.access.Verb;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ValueText;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tokens and roles, and the first token in exchange for the setup token. */
final class AccessEndpoints {
    private static final String TOKENS = "tokens";

    private final AdminParts parts;
    private final OnceOnly onceOnly;

    AccessEndpoints(AdminParts parts, OnceOnly onceOnly) {
        this.parts = parts;
        this.onceOnly = onceOnly;
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
                        .takes(QueryParameter.LIMIT, QueryParameter.CURSOR)
                        .answers(200, Schema.pageOf(token)),
                Endpoint.of(
                                "POST",
                                "/v1/tokens",
                                "issueToken",
                                "Makes a token and shows its secret, once.",
                                this::issue)
                        .needs(Verb.WRITE, TOKENS)
                        .onceOnly()
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
        return Lists.slice(
                request,
                parts.access().tokens(),
                token -> Lists.sortable(token.created().toEpochMilli()) + token.id(),
                ConfigJson::write);
    }

    private ApiReply get(ApiRequest request) {
        String id = request.pathParameter("id");
        return ApiReply.ok(ConfigJson.write(parts.access().token(id).orElseThrow(() -> noToken(id))));
    }

    private ApiReply issue(ApiRequest request) {
        NewToken wish = wish(request.json(JsonBounds.RESOURCE), Optional.empty());
        return onceOnly.answer(
                request,
                keeper -> answered(parts.access()
                        .issue(request.principal(), request.address(), wish, issued -> keeper.keep(answered(issued)))));
    }

    private ApiReply revoke(ApiRequest request) {
        return answered(parts.access().revoke(request.principal(), request.address(), request.pathParameter("id")));
    }

    private ApiReply claim(ApiRequest request) {
        JsonNode body = request.jsonIfAny(JsonBounds.RESOURCE).orElseGet(JsonText.NODES::objectNode);
        return answered(parts.access().claim(request.address(), wish(body, Optional.of("first-admin"))));
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
            case TokenResult.TooWide(String role) ->
                throw ApiProblem.of(
                        403,
                        "forbidden",
                        "The role \"" + Pointers.shown(role) + "\" allows more than your token",
                        "nobody gives away more than they have");
            case TokenResult.NothingToClaim nothing ->
                throw ApiProblem.of(409, "nothing-to-claim", "The setup token was claimed already");
        };
    }

    private static NewToken wish(JsonNode body, Optional<String> nameByDefault) {
        BodyMembers members = BodyMembers.of(body, "name", "roles", "tags", "expiresIn", "note");
        NewToken wish = new NewToken(
                nameByDefault.isPresent() ? members.text("name").orElse(nameByDefault.get()) : members.required("name"),
                members.texts("roles"),
                members.texts("tags"),
                members.value(
                        "expiresIn",
                        text -> (Duration) ValueText.parse(Duration.class, text),
                        "a duration such as 720h"),
                members.text("note"));
        members.end();
        return wish;
    }

    private static ApiProblem noToken(String id) {
        return ApiProblem.notFound("There is no token \"" + Pointers.shown(id) + "\"");
    }
}
