package io.penstock.plugin;

import io.penstock.http.CanonicalPath;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.plugin.bridge.CallSubject;
import io.penstock.plugin.bridge.CallSubject.ErrorView;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.PluginLibrary.PluginTrialRequest;
import io.penstock.spi.RequestView;
import java.util.ArrayList;
import java.util.List;

/** One request that nobody sent and one response that nobody gave, for trials and to warm code up. */
@WorkerConfined
final class SampleExchange {
    private static final OfflineClient CLIENT = new OfflineClient("192.0.2.1", 50_000, "sample", false);
    private static final OfflineEndpoint ENDPOINT = new OfflineEndpoint("sample", "192.0.2.2:80", 1);
    private static final OfflineSummary SUMMARY =
            new OfflineSummary(200, "", 1_000_000, 500_000, 0, 0, "sample", "192.0.2.2:80", 1);

    private final PluginTrialRequest sample;
    private final SampleRequest request;
    private final OfflineResponse response;
    private final OfflineExchange call;

    SampleExchange(SampleWorker worker, PluginTrialRequest sample, Hook hook) {
        this.sample = sample;
        this.request = new SampleRequest(sample);
        this.response = new OfflineResponse(sample.responseStatus());
        this.call = new OfflineExchange(worker, worker::nextTicket, "sample", "sample", CLIENT, request, sample.body());
        call.responseBody(sample.responseBody());
        call.enter(hook);
        sample.responseHeaders().forEach(header -> response.fields().add(header.getKey(), header.getValue()));
    }

    /** What hooks are called with. */
    OfflineExchange call() {
        return call;
    }

    /** What a hook is called with, beside the call. */
    CallSubject subject(Hook hook) {
        return new CallSubject(
                request,
                hook == Hook.ON_RESPONSE ? response : null,
                hook == Hook.ON_UPSTREAM_REQUEST ? ENDPOINT : null,
                hook == Hook.ON_REQUEST_BODY || hook == Hook.ON_RESPONSE_BODY
                        ? new OfflineChunk(call.isAboutResponse() ? sample.responseBody() : sample.body(), true)
                        : null,
                hook == Hook.ON_RESPONSE_TRAILERS ? new Fields() : null,
                hook == Hook.ON_ERROR ? new ErrorView(Reason.CONNECT_FAILED, "a sample") : null,
                hook == Hook.ON_LOG ? SUMMARY : null);
    }

    /** The head that the hook may change, a line each. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        String query = request.query();
        lines.add(
                call.isAboutResponse()
                        ? "HTTP " + response.status()
                        : request.method() + " " + request.path() + (query.isEmpty() ? "" : "?" + query));
        Fields fields = call.isAboutResponse() ? response.fields() : request.fields();
        for (int i = 0; i < fields.count(); i++) {
            lines.add(fields.name(i) + ": " + fields.value(i));
        }
        return lines;
    }

    private static final class SampleRequest implements RequestView {
        private final PluginTrialRequest sample;
        private final Fields fields = new Fields();
        private String path;

        SampleRequest(PluginTrialRequest sample) {
            this.sample = sample;
            int query = sample.url().indexOf('?');
            this.path = CanonicalPath.of(query < 0 ? sample.url() : sample.url().substring(0, query));
            sample.headers().forEach(header -> fields.add(header.getKey(), header.getValue()));
        }

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
            int at = fields.find("host");
            return at < 0 ? "sample.invalid" : fields.value(at);
        }

        @Override
        public boolean hostHeader(String value) {
            fields.set("host", value);
            return true;
        }

        @Override
        public Fields fields() {
            return fields;
        }
    }
}
