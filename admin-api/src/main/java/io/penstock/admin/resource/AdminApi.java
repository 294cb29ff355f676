package io.penstock.admin.resource;

import io.penstock.admin.access.AuthResult;
import io.penstock.admin.access.Principal;
import io.penstock.admin.store.StoreRefused;
import io.penstock.config.ResourceType;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every endpoint behind one door: who asks is known before anything else is looked at, then what for, then whether they
 * may. Any thread; a call may block.
 */
public final class AdminApi implements AutoCloseable {
    /** Calls that may hold a whole document at once: each can cost as much memory as the largest document. */
    private static final int DOCUMENT_CALLS_MAX = 2;

    /** How long a call waits for its turn with a document. */
    private static final int DOCUMENT_TURN_SECONDS = 10;

    /** What declares no more than this costs little, and waits for nobody. */
    private static final int SMALL_DOCUMENT_BYTES = 256 * 1024;

    private final AdminParts parts;
    private final Router router;
    private final EventStreams streams;
    private final Semaphore documentCalls = new Semaphore(DOCUMENT_CALLS_MAX, true);

    public AdminApi(AdminParts parts) {
        this.parts = parts;
        this.streams = new EventStreams(parts.access());
        this.router = new Router(endpoints(parts, streams));
    }

    private static List<Endpoint> endpoints(AdminParts parts, EventStreams streams) {
        Clock clock = Clock.systemUTC();
        Changes changes = new Changes(parts);
        OnceOnly onceOnly = new OnceOnly(parts.store(), clock, new SecureRandom());
        List<Endpoint> all = new ArrayList<>();
        for (ResourceType type : ResourceType.values()) {
            all.addAll(new ResourceEndpoints(parts, changes, type).endpoints());
        }
        all.addAll(new TargetEndpoints(parts, changes).endpoints());
        all.addAll(new CredentialEndpoints(parts, changes, new SecureRandom()).endpoints());
        all.addAll(new ConfigEndpoints(parts, changes).endpoints());
        all.addAll(new RevisionEndpoints(parts, changes).endpoints());
        all.addAll(new StateEndpoints(parts).endpoints());
        all.addAll(new TrafficEndpoints(parts).endpoints());
        all.addAll(new IssuanceEndpoints(parts).endpoints());
        all.addAll(new PluginEndpoints(parts).endpoints());
        all.addAll(new PluginTrials(parts).endpoints());
        all.addAll(new PluginMoves(parts, changes).endpoints());
        all.addAll(new AccessEndpoints(parts, onceOnly).endpoints());
        all.addAll(new RoleEndpoints(parts, onceOnly, () -> types(all)).endpoints());
        all.addAll(new AuditEndpoints(parts).endpoints());
        all.addAll(new SystemEndpoints(parts, clock).endpoints());
        all.addAll(new SystemSettingsEndpoints(parts, clock).endpoints());
        all.addAll(new SystemUpgradeEndpoints(parts, clock).endpoints());
        all.addAll(new ObservationEndpoints(parts).endpoints());
        all.addAll(new SearchEndpoint(parts).endpoints());
        all.addAll(new EventEndpoint(parts, streams).endpoints());
        all.addAll(new StatsStreamEndpoint(parts, streams, clock).endpoints());
        Supplier<ObjectNode> openApi = () -> OpenApi.of(all);
        all.addAll(new SchemaEndpoints(openApi).endpoints());
        return all;
    }

    private static Set<String> types(List<Endpoint> endpoints) {
        Set<String> types = new TreeSet<>();
        endpoints.forEach(endpoint -> types.add(endpoint.type()));
        types.remove("");
        return types;
    }

    /**
     * Answers one request.
     *
     * @param rawPath as sent, without the query
     * @param rawQuery behind the question mark; empty if there is none
     * @param headers the value of a header by its name
     * @param body the body, not read before who asks is known
     * @param address of the caller
     * @throws ApiProblem if it cannot be done
     */
    public ApiReply answer(
            String method,
            String rawPath,
            String rawQuery,
            Function<String, Optional<String>> headers,
            ApiRequest.BodySource body,
            String address,
            String requestId) {
        if (!rawPath.equals("/v1") && !rawPath.startsWith("/v1/")) {
            throw ApiProblem.of(404, "no-such-path", "There is nothing here", "the API begins at /v1");
        }
        Principal principal = recognise(headers.apply("Authorization"), address);
        Router.Match match = router.find(method, rawPath);
        Endpoint endpoint = match.endpoint();
        authorise(principal, endpoint);
        refuseEncoded(headers.apply("Content-Encoding"));
        negotiate(headers.apply("Accept"), endpoint);
        QueryParameters query = QueryParameters.parse(rawQuery, endpoint.queryNames());
        ApiRequest request = new ApiRequest(
                method, rawPath, match.parameters(), query, headers, body, principal, address, requestId);
        boolean takesDocuments = endpoint.requestTypes().contains(Endpoint.YAML)
                || endpoint.path().equals("/v1/config:edit");
        if (!takesDocuments || isSmall(headers.apply("Content-Length"))) {
            return handle(endpoint, request);
        }
        if (!hasDocumentTurn()) {
            throw ApiProblem.busy("Other documents are being read; at most " + DOCUMENT_CALLS_MAX + " at once", 1);
        }
        try {
            return handle(endpoint, request);
        } finally {
            documentCalls.release();
        }
    }

    private static boolean isSmall(Optional<String> contentLength) {
        return contentLength
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(text -> Integer.parseInt(text) <= SMALL_DOCUMENT_BYTES)
                .orElse(false);
    }

    private boolean hasDocumentTurn() {
        try {
            return documentCalls.tryAcquire(DOCUMENT_TURN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static ApiReply handle(Endpoint endpoint, ApiRequest request) {
        try {
            return endpoint.handler().handle(request);
        } catch (StoreRefused refused) {
            throw Rejections.storeFailed(refused.problem());
        }
    }

    private Principal recognise(Optional<String> authorization, String address) {
        Optional<String> bearer = authorization
                .filter(text -> text.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(text -> text.substring(7).strip());
        return switch (parts.access().authenticate(bearer, address)) {
            case AuthResult.Recognised(Principal principal) -> principal;
            case AuthResult.Refused(AuthResult.Why why) ->
                throw ApiProblem.of(
                                401,
                                "unauthorized",
                                "Not recognised: " + why.text(),
                                "send Authorization: Bearer TOKEN")
                        .header(
                                "WWW-Authenticate",
                                "Bearer realm=\"penstock\""
                                        + (why == AuthResult.Why.MISSING ? "" : ", error=\"invalid_token\""));
            case AuthResult.Throttled(var retryAfter) ->
                throw ApiProblem.of(429, "too-many-attempts", "Too many failed attempts from your address")
                        .header("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds() + 1)));
        };
    }

    private static void authorise(Principal principal, Endpoint endpoint) {
        if (endpoint.type().isEmpty()) {
            if (!principal.isSetup()) {
                throw ApiProblem.of(403, "forbidden", "Only the setup token may do this");
            }
        } else if (principal.isSetup()) {
            throw ApiProblem.of(
                    403,
                    "forbidden",
                    "The setup token is only good for one thing",
                    "POST /v1/setup exchanges it for a token");
        } else if (!principal.may(endpoint.verb(), endpoint.type())) {
            throw ApiProblem.of(
                    403,
                    "forbidden",
                    "Your token may not " + endpoint.verb().text() + " " + endpoint.type(),
                    "GET /v1/roles lists what each role allows");
        }
    }

    // A compressed body could unfold into any size; nobody who configures a gateway needs one.
    private static void refuseEncoded(Optional<String> encoding) {
        if (encoding.isPresent()
                && !encoding.get().strip().toLowerCase(Locale.ROOT).equals("identity")) {
            throw ApiProblem.of(
                            415,
                            "unsupported-encoding",
                            "A body with a Content-Encoding is not taken",
                            "send it as it is")
                    .header("Accept-Encoding", "identity");
        }
    }

    private static void negotiate(Optional<String> accept, Endpoint endpoint) {
        boolean isAcceptable = endpoint.responseTypes().stream().anyMatch(type -> MediaTypes.quality(accept, type) > 0)
                || endpoint.response().isEmpty();
        if (!isAcceptable) {
            throw ApiProblem.of(
                    406,
                    "not-acceptable",
                    "The answer is " + String.join(" or ", endpoint.responseTypes()) + ", which Accept excludes");
        }
    }

    /** Ends every stream within a moment. */
    @Override
    public void close() {
        streams.close();
    }
}
