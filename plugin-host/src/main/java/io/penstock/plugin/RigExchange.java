package io.penstock.plugin;

import io.penstock.http.CanonicalPath;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.BodyReader;
import io.penstock.spi.ClientView;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.UpstreamSteering;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One exchange of a gateway under test, made and looked at by the test. */
@WorkerConfined
final class RigExchange implements FilterCall, RequestView, ClientView, UpstreamSteering {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RigWorker worker;
    private final String requestId;
    private final String route;
    private final String method;
    private final String query;
    private final Map<String, String> parameters = new HashMap<>();
    private final String clientAddress;
    private final int clientPort;
    private final String listener;
    private final boolean isSecure;
    private final Fields requestFields = new Fields();
    private final Map<String, Object> variables = new TreeMap<>();
    private final ObjectNode steering = JSON.createObjectNode();
    private final Body requestBody;
    private Body responseBody = new Body(new byte[0]);
    private @Nullable Head head;
    private String host;
    private String path;
    private @Nullable Identity identity;
    private @Nullable Object attachment;
    private boolean isAboutResponse;
    private long ticket;

    /** A body as hooks read it, what was put in its place, and whether body hooks are to see it. */
    private static final class Body {
        private byte[] bytes;
        private boolean isReplaced;
        private boolean isSkipped;

        Body(byte[] bytes) {
            this.bytes = bytes;
        }

        void replace(byte[] other) {
            bytes = other;
            isReplaced = true;
        }

        @Nullable
        String replacement() {
            return isReplaced ? Base64.getEncoder().encodeToString(bytes) : null;
        }
    }

    /** The head of the answer. */
    private static final class Head implements ResponseView {
        private final Fields fields = new Fields();
        private int status;

        @Override
        public int status() {
            return status;
        }

        @Override
        public void status(int changed) {
            status = changed;
        }

        @Override
        public Fields fields() {
            return fields;
        }
    }

    /** A part of a body. */
    static final class Part implements BodyChunk {
        private final boolean isLast;
        private byte[] bytes;

        Part(byte[] bytes, boolean isLast) {
            this.bytes = bytes;
            this.isLast = isLast;
        }

        String base64() {
            return Base64.getEncoder().encodeToString(bytes);
        }

        @Override
        public DirectBuffer buffer() {
            return new UnsafeBuffer(bytes);
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public boolean isLast() {
            return isLast;
        }

        @Override
        public void replace(byte[] other) {
            bytes = other;
        }
    }

    /** What a test says of it; as {@code gateway.js} of the kit writes it. */
    RigExchange(RigWorker worker, JsonNode init) {
        this.worker = worker;
        this.requestId = init.path("requestId").asString("");
        this.route = init.path("route").asString("");
        this.method = init.path("method").asString("GET");
        this.path = CanonicalPath.of(init.path("path").asString("/"));
        this.query = init.path("query").asString("");
        this.host = init.path("host").asString("");
        JsonNode client = init.path("client");
        this.clientAddress = client.path("address").asString("");
        this.clientPort = client.path("port").asInt(0);
        this.listener = client.path("listener").asString("");
        this.isSecure = client.path("isSecure").asBoolean(false);
        this.requestBody = new Body(Base64.getDecoder().decode(init.path("body").asString("")));
        fill(requestFields, init.path("headers"));
        init.path("params")
                .properties()
                .forEach(
                        entry -> parameters.put(entry.getKey(), entry.getValue().asString("")));
        init.path("vars").properties().forEach(entry -> variables.put(entry.getKey(), plain(entry.getValue())));
        String consumer = init.path("consumer").asString("");
        if (!consumer.isEmpty()) {
            identity = new Identity(consumer, consumer, List.of(), Map.of());
        }
    }

    private static Object plain(JsonNode value) {
        return value.isBoolean()
                ? (Object) value.asBoolean()
                : value.isNumber() ? (Object) value.asDouble() : value.asString("");
    }

    /** Adds pairs of name and value. */
    static void fill(Fields fields, JsonNode pairs) {
        for (JsonNode pair : pairs) {
            fields.add(pair.path(0).asString(""), pair.path(1).asString(""));
        }
    }

    /** Fields as pairs of name and value. */
    static ArrayNode pairs(Fields fields) {
        ArrayNode pairs = JSON.createArrayNode();
        for (int i = 0; i < fields.count(); i++) {
            pairs.addArray().add(fields.name(i)).add(fields.value(i));
        }
        return pairs;
    }

    /** The head of the answer comes, with the body that hooks may read as a whole. */
    ResponseView respond(JsonNode given) {
        Head made = new Head();
        made.status = given.path("status").asInt(200);
        fill(made.fields, given.path("headers"));
        responseBody = new Body(Base64.getDecoder().decode(given.path("body").asString("")));
        head = made;
        return made;
    }

    /** Which of both bodies the hook that comes is about. */
    void isAboutResponse(boolean about) {
        isAboutResponse = about;
    }

    private Body body() {
        return isAboutResponse ? responseBody : requestBody;
    }

    /** The endpoint of the one try. */
    EndpointView endpoint() {
        return new Endpoint(steering.path("use").asString("upstream"), "192.0.2.2:80", 1);
    }

    private record Endpoint(String upstream, String address, int attempt) implements EndpointView {}

    /** How it ended. */
    ExchangeSummary summary(JsonNode input) {
        boolean hasUpstream = input.path("hasUpstream").asBoolean(false);
        EndpointView endpoint = endpoint();
        return new Summary(
                input.path("status").asInt(200),
                "",
                0,
                0,
                requestBody.bytes.length,
                input.path("responseBytes").asInt(0),
                hasUpstream ? endpoint.upstream() : "",
                hasUpstream ? endpoint.address() : "",
                hasUpstream ? 1 : 0);
    }

    private record Summary(
            int status,
            String reason,
            long totalNs,
            long upstreamNs,
            long requestBytes,
            long responseBytes,
            String upstream,
            String endpoint,
            int attempts)
            implements ExchangeSummary {}

    /** What a test sees of it. */
    ObjectNode state() {
        ObjectNode state = JSON.createObjectNode()
                .put("requestId", requestId)
                .put("method", method)
                .put("path", path)
                .put("query", query)
                .put("host", host)
                .put("body", requestBody.replacement())
                .put("skipsRequestBody", requestBody.isSkipped)
                .put("skipsResponseBody", responseBody.isSkipped);
        state.set("headers", pairs(requestFields));
        state.set("steering", steering);
        state.set("vars", JSON.valueToTree(variables));
        Identity known = identity;
        if (known == null) {
            state.putNull("identity");
        } else {
            ObjectNode who =
                    state.putObject("identity").put("name", known.consumer()).put("subject", known.subject());
            who.set("groups", JSON.valueToTree(known.groups()));
            who.set("claims", JSON.valueToTree(known.claims()));
        }
        Head answered = head;
        if (answered == null) {
            state.putNull("response");
        } else {
            ObjectNode response =
                    state.putObject("response").put("status", answered.status).put("body", responseBody.replacement());
            response.set("headers", pairs(answered.fields));
        }
        return state;
    }

    @Override
    public FilterWorker worker() {
        return worker;
    }

    @Override
    public String route() {
        return route;
    }

    @Override
    public String requestId() {
        return requestId;
    }

    @Override
    public ClientView client() {
        return this;
    }

    @Override
    public RequestView request() {
        return this;
    }

    @Override
    @Nullable
    public Object attachment() {
        return attachment;
    }

    @Override
    public void attach(@Nullable Object kept) {
        attachment = kept;
    }

    @Override
    @Nullable
    public Object variable(String name) {
        return variables.get(name);
    }

    @Override
    public void variable(String name, Object value) {
        variables.put(name, value);
    }

    @Override
    @Nullable
    public Identity identity() {
        return identity;
    }

    @Override
    public void identify(Identity who) {
        identity = who;
    }

    @Override
    public void challenge(String challenge) {}

    @Override
    public UpstreamSteering upstream() {
        return this;
    }

    @Override
    public void readBody(int bytesMax, BodyReader reader) {
        byte[] bytes = body().bytes;
        if (bytes.length > bytesMax) {
            reader.tooLarge();
        } else {
            reader.complete(bytes);
        }
    }

    @Override
    public void body(byte[] replacement) {
        body().replace(replacement);
    }

    @Override
    public void skipBody() {
        body().isSkipped = true;
    }

    @Override
    public long suspend() {
        ticket = worker.nextTicket();
        return ticket;
    }

    /** The ticket of the last suspension. */
    long ticket() {
        return ticket;
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public boolean path(String changed) {
        try {
            path = CanonicalPath.of(changed);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    @Override
    public String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    @Override
    public String query() {
        return query;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public boolean hostHeader(String value) {
        host = value;
        return true;
    }

    @Override
    public Fields fields() {
        return requestFields;
    }

    @Override
    public String address() {
        return clientAddress;
    }

    @Override
    public int port() {
        return clientPort;
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public boolean isSecure() {
        return isSecure;
    }

    @Override
    public boolean use(String upstream) {
        steering.put("use", upstream);
        return true;
    }

    @Override
    public boolean hashKey(String key) {
        return false;
    }

    @Override
    public boolean prefer(String address) {
        steering.put("prefer", address);
        return true;
    }

    @Override
    public void totalTimeoutMs(long milliseconds) {
        steering.put("timeoutMs", milliseconds);
    }

    @Override
    public void noRetry() {
        steering.put("noRetry", true);
    }
}
