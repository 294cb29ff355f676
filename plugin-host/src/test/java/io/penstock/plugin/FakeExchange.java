package io.penstock.plugin;

import io.penstock.http.Fields;
import io.penstock.metrics.HookOutcome;
import io.penstock.spi.BodyReader;
import io.penstock.spi.ClientView;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.UpstreamSteering;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request and its response, as a filter meets them. */
final class FakeExchange implements FilterCall, RequestView, ClientView, UpstreamSteering {
    private static long tickets;

    private final FakeWorker worker;
    private final Fields requestFields = new Fields();
    private final Fields responseFields = new Fields();
    final Map<String, Object> variables = new HashMap<>();
    final Map<String, String> parameters = new HashMap<>();
    final List<String> steering = new ArrayList<>();
    final List<String> challenges = new ArrayList<>();
    /** What hooks have told of their cost: name, hook, outcome, code, and whether there was any. */
    final List<String> costs = new ArrayList<>();

    byte[] body = {};
    byte @Nullable [] newBody;
    String method = "GET";
    String path = "/orders/7";
    String query = "a=1&b=2";
    String hostHeader = "shop.example";
    int status = 200;
    long ticket = -1;

    @Nullable
    Identity identity;

    private @Nullable Object attachment;

    FakeExchange(FakeWorker worker) {
        this.worker = worker;
    }

    FakeExchange header(String name, String value) {
        requestFields.add(name, value);
        return this;
    }

    FakeExchange body(String text) {
        body = text.getBytes(StandardCharsets.UTF_8);
        return this;
    }

    @Nullable
    String sentHeader(String name) {
        int at = requestFields.find(name);
        return at < 0 ? null : requestFields.value(at);
    }

    @Nullable
    String replyHeader(String name) {
        int at = responseFields.find(name);
        return at < 0 ? null : responseFields.value(at);
    }

    Fields responseFields() {
        return responseFields;
    }

    ResponseView response() {
        return new ResponseView() {
            @Override
            public boolean isFromUpstream() {
                return true;
            }

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
                return responseFields;
            }
        };
    }

    @Override
    public void cost(byte[] name, byte[] hook, long cpuNs, long waitedNs, HookOutcome outcome, String code) {
        costs.add(new String(name, StandardCharsets.US_ASCII) + " " + new String(hook, StandardCharsets.US_ASCII) + " "
                + outcome + (code.isEmpty() ? "" : " " + code) + (cpuNs > 0 ? " ran" : "")
                + (waitedNs > 0 ? " waited" : ""));
    }

    @Override
    public FilterWorker worker() {
        return worker;
    }

    @Override
    public String route() {
        return "orders";
    }

    @Override
    public String requestId() {
        return "req-1";
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
    public void challenge(String challenge) {
        challenges.add(challenge);
    }

    @Override
    public UpstreamSteering upstream() {
        return this;
    }

    @Override
    public void readBody(int bytesMax, BodyReader reader) {
        if (body.length > bytesMax) {
            reader.tooLarge();
        } else {
            reader.complete(body);
        }
    }

    @Override
    public void body(byte[] replacement) {
        newBody = replacement;
    }

    @Override
    public void skipBody() {
        steering.add("skipBody");
    }

    @Override
    public long suspend() {
        ticket = ++tickets;
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
        if (!changed.startsWith("/")) {
            return false;
        }
        path = changed;
        return true;
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
        return "shop.example";
    }

    @Override
    public boolean hostHeader(String value) {
        hostHeader = value;
        return true;
    }

    @Override
    public Fields fields() {
        return requestFields;
    }

    @Override
    public String address() {
        return "192.0.2.7";
    }

    @Override
    public byte[] addressBytes() {
        return new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 192, 0, 2, 7};
    }

    @Override
    public int port() {
        return 40_000;
    }

    @Override
    public String listener() {
        return "main";
    }

    @Override
    public boolean isSecure() {
        return true;
    }

    @Override
    public boolean use(String upstream) {
        steering.add("use " + upstream);
        return !upstream.equals("unknown");
    }

    @Override
    public boolean hashKey(String key) {
        steering.add("hashKey " + key);
        return !key.equals("unhashed");
    }

    @Override
    public boolean prefer(String address) {
        steering.add("prefer " + address);
        return true;
    }

    @Override
    public void totalTimeoutMs(long milliseconds) {
        steering.add("timeout " + milliseconds);
    }

    @Override
    public void noRetry() {
        steering.add("noRetry");
    }
}
