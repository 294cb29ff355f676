package io.penstock.plugin;

import io.penstock.http.CanonicalPath;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.plugin.bridge.CallSubject;
import io.penstock.plugin.bridge.CallSubject.ErrorView;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.BodyReader;
import io.penstock.spi.ClientView;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import io.penstock.spi.UpstreamSteering;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** One request that nobody sent and one response that nobody gave, for trials and to warm code up. */
@WorkerConfined
final class SampleExchange implements FilterCall {
    private final SampleWorker worker;
    private final PluginTrialRequest sample;
    private final Fields requestFields = new Fields();
    private final Fields responseFields = new Fields();
    private final Map<String, Object> variables = new HashMap<>();
    private final SampleRequest request = new SampleRequest();
    private final boolean isAboutResponse;
    private String path;
    private int status;
    private byte[] body;
    private @Nullable Object attachment;
    private @Nullable Identity identity;

    SampleExchange(SampleWorker worker, PluginTrialRequest sample, Hook hook) {
        this.worker = worker;
        this.sample = sample;
        this.isAboutResponse =
                hook == Hook.ON_RESPONSE || hook == Hook.ON_RESPONSE_BODY || hook == Hook.ON_RESPONSE_TRAILERS;
        this.path = CanonicalPath.of(beforeQuery(sample.url()));
        this.status = sample.responseStatus();
        this.body = isAboutResponse ? sample.responseBody() : sample.body();
        sample.headers().forEach(header -> requestFields.add(header.getKey(), header.getValue()));
        sample.responseHeaders().forEach(header -> responseFields.add(header.getKey(), header.getValue()));
    }

    private static String beforeQuery(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    /** What a hook is called with. */
    CallSubject subject(Hook hook) {
        return new CallSubject(
                request,
                hook == Hook.ON_RESPONSE ? new SampleResponse() : null,
                hook == Hook.ON_UPSTREAM_REQUEST ? new SampleEndpoint() : null,
                hook == Hook.ON_REQUEST_BODY || hook == Hook.ON_RESPONSE_BODY ? new SampleChunk() : null,
                hook == Hook.ON_RESPONSE_TRAILERS ? new Fields() : null,
                hook == Hook.ON_ERROR ? new ErrorView(Reason.CONNECT_FAILED, "a sample") : null,
                hook == Hook.ON_LOG ? new SampleSummary() : null);
    }

    /** The head that the hook may change, a line each, and its body where the hook is about one. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        String query = request.query();
        lines.add(
                isAboutResponse
                        ? "HTTP " + status
                        : sample.method() + " " + path + (query.isEmpty() ? "" : "?" + query));
        Fields fields = isAboutResponse ? responseFields : requestFields;
        for (int i = 0; i < fields.count(); i++) {
            lines.add(fields.name(i) + ": " + fields.value(i));
        }
        return lines;
    }

    boolean isIdentified() {
        return identity != null;
    }

    @Override
    public FilterWorker worker() {
        return worker;
    }

    @Override
    public String route() {
        return "sample";
    }

    @Override
    public String requestId() {
        return "sample";
    }

    @Override
    public ClientView client() {
        return new SampleClient();
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
        return new SampleSteering();
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
        body = replacement;
    }

    @Override
    public void skipBody() {}

    /** The ticket that the next suspension will have. */
    long ticketToCome() {
        return worker.ticketToCome();
    }

    @Override
    public long suspend() {
        return worker.nextTicket();
    }

    private final class SampleRequest implements RequestView {
        @Override
        public String method() {
            return sample.method();
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
            return "";
        }

        @Override
        public String query() {
            int at = sample.url().indexOf('?');
            return at < 0 ? "" : sample.url().substring(at + 1);
        }

        @Override
        public String host() {
            int at = requestFields.find("host");
            return at < 0 ? "sample.invalid" : requestFields.value(at);
        }

        @Override
        public boolean hostHeader(String value) {
            requestFields.set("host", value);
            return true;
        }

        @Override
        public Fields fields() {
            return requestFields;
        }
    }

    private final class SampleResponse implements ResponseView {
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
    }

    private final class SampleChunk implements BodyChunk {
        @Override
        public DirectBuffer buffer() {
            return new UnsafeBuffer(body);
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public int length() {
            return body.length;
        }

        @Override
        public boolean isLast() {
            return true;
        }

        @Override
        public void replace(byte[] bytes) {
            body = bytes;
        }
    }

    private record SampleClient(String address, int port, String listener, boolean isSecure) implements ClientView {
        SampleClient() {
            this("192.0.2.1", 50_000, "sample", false);
        }
    }

    private record SampleEndpoint(String upstream, String address, int attempt) implements EndpointView {
        SampleEndpoint() {
            this("sample", "192.0.2.2:80", 1);
        }
    }

    private record SampleSummary(
            int status,
            String reason,
            long totalNs,
            long upstreamNs,
            long requestBytes,
            long responseBytes,
            String upstream,
            String endpoint,
            int attempts)
            implements ExchangeSummary {
        SampleSummary() {
            this(200, "", 1_000_000, 500_000, 0, 0, "sample", "192.0.2.2:80", 1);
        }
    }

    private static final class SampleSteering implements UpstreamSteering {
        @Override
        public boolean use(String upstream) {
            return true;
        }

        @Override
        public boolean hashKey(String key) {
            return false;
        }

        @Override
        public boolean prefer(String address) {
            return true;
        }

        @Override
        public void totalTimeoutMs(long milliseconds) {}

        @Override
        public void noRetry() {}
    }
}
