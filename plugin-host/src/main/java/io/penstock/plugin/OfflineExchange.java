package io.penstock.plugin;

import io.penstock.mark.WorkerConfined;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.BodyReader;
import io.penstock.spi.ClientView;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestView;
import io.penstock.spi.UpstreamSteering;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** An exchange without traffic: what hooks ask is held here, and what they said of it can be looked at. */
@WorkerConfined
final class OfflineExchange implements FilterCall, UpstreamSteering {
    private final FilterWorker worker;
    private final LongSupplier tickets;
    private final String requestId;
    private final String route;
    private final ClientView client;
    private final RequestView request;
    private final OfflineBody requestBody;
    private final Map<String, Object> variables = new TreeMap<>();
    private final Map<String, Object> steering = new LinkedHashMap<>();
    private OfflineBody responseBody;
    private boolean isAboutResponse;
    private @Nullable Identity identity;
    private @Nullable Object attachment;
    private long ticket;

    /**
     * Nothing has happened yet.
     *
     * @param tickets gives each suspension another
     */
    OfflineExchange(
            FilterWorker worker,
            LongSupplier tickets,
            String requestId,
            String route,
            ClientView client,
            RequestView request,
            byte[] body) {
        this.worker = worker;
        this.tickets = tickets;
        this.requestId = requestId;
        this.route = route;
        this.client = client;
        this.request = request;
        this.requestBody = new OfflineBody(body);
        this.responseBody = new OfflineBody(new byte[0]);
    }

    /** The answer has come, with a body that hooks may read as a whole. */
    void responseBody(byte[] body) {
        responseBody = new OfflineBody(body);
    }

    /** A hook comes: whether it is about the response or the request says which body is meant. */
    void enter(Hook hook) {
        isAboutResponse =
                hook == Hook.ON_RESPONSE || hook == Hook.ON_RESPONSE_BODY || hook == Hook.ON_RESPONSE_TRAILERS;
    }

    boolean isAboutResponse() {
        return isAboutResponse;
    }

    OfflineBody requestBody() {
        return requestBody;
    }

    OfflineBody responseBody() {
        return responseBody;
    }

    private OfflineBody body() {
        return isAboutResponse ? responseBody : requestBody;
    }

    Map<String, Object> variables() {
        return variables;
    }

    /** What was said of where the request goes: of {@code use}, {@code prefer}, {@code timeoutMs} and {@code noRetry}, what was. */
    Map<String, Object> steering() {
        return steering;
    }

    /** The ticket of the last suspension. */
    long ticket() {
        return ticket;
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
        return client;
    }

    @Override
    public RequestView request() {
        return request;
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
        body().read(bytesMax, reader);
    }

    @Override
    public void body(byte[] replacement) {
        body().replace(replacement);
    }

    @Override
    public void skipBody() {
        body().skip();
    }

    @Override
    public long suspend() {
        ticket = tickets.getAsLong();
        return ticket;
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
