package io.penstock.filter;

import io.penstock.config.ForwardAuthConfig;
import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.Reason;
import io.penstock.spi.Answer;
import io.penstock.spi.AuthenticatorProvider;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.Identity;
import io.penstock.spi.Outbound;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has another server say whether a request may pass. It gets the request's head, as GET and without a body, in
 * {@code X-Forwarded-*}: the path is the one that was routed, so that it judges what is going to be asked for.
 */
@WorkerConfined
public final class ForwardAuthenticator implements Filter {
    private static final byte[] NO_BODY = {};
    private static final int ANSWER_BYTES_MAX = 64 * 1024;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Identity SOMEBODY = new Identity(null, "", List.of(), Map.of());

    private static final Verdict UNAVAILABLE = new Verdict.Failed(
            Reason.AUTHORIZER_UNAVAILABLE, "the authorizer gave an answer that is neither yes nor no");
    private static final Verdict BUSY = new Verdict.Failed(
            Reason.AUTH_BUSY, "the authorizer is being asked about too many requests on this worker");
    private static final Verdict NO_CONSUMER =
            new Verdict.Failed(Reason.CREDENTIAL_INVALID, "the authorizer names no consumer of this configuration");

    private final ForwardAuthConfig config;
    private final OwnTarget target;
    private final Map<Long, Asking> underWay = new HashMap<>();

    private ForwardAuthenticator(ForwardAuthConfig config) {
        this.config = config;
        // Where a service is asked its own way decides, and the host is its affair.
        this.target = config.url()
                .map(url -> OwnTarget.of(url, config.ownTls()))
                .orElse(new OwnTarget(Optional.empty(), "localhost", 80, config.path()));
    }

    /** The provider of {@code type: forwardAuth}. */
    public static AuthenticatorProvider provider() {
        return Authenticator.provider(ForwardAuthConfig.class, config -> () -> new ForwardAuthenticator(config));
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        if (underWay.size() >= config.concurrency()) {
            return withoutAnswer(call, BUSY);
        }
        FilterWorker worker = call.worker();
        Outbound.Request question =
                target.request("GET", headers(request, call), NO_BODY, config.timeout(), ANSWER_BYTES_MAX);
        long ticket = call.suspend();
        Asking asking = new Asking(call, worker, ticket);
        underWay.put(ticket, asking);
        asking.request = config.service()
                .map(service -> worker.outbound().sendTo(service, question, asking))
                .orElseGet(() -> worker.outbound().send(question, asking));
        return Verdict.SUSPENDED;
    }

    private List<Map.Entry<String, String>> headers(RequestView request, FilterCall call) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        Fields fields = request.fields();
        headers.add(Map.entry("X-Forwarded-Method", request.method()));
        headers.add(Map.entry("X-Forwarded-Proto", call.client().isSecure() ? "https" : "http"));
        headers.add(Map.entry("X-Forwarded-Host", request.authority()));
        headers.add(Map.entry(
                "X-Forwarded-Uri",
                request.query().isEmpty() ? request.path() : request.path() + "?" + request.query()));
        headers.add(Map.entry("X-Forwarded-For", call.client().address()));
        headers.add(Map.entry("X-Request-Id", call.requestId()));
        for (String name : config.requestHeaders()) {
            String lower = name.toLowerCase(Locale.ROOT);
            for (int at = fields.find(lower); at >= 0; at = fields.find(lower, at + 1)) {
                headers.add(Map.entry(name, fields.value(at)));
            }
        }
        return headers;
    }

    private Verdict withoutAnswer(FilterCall call, Verdict refusal) {
        if (!config.failOpen()) {
            call.worker().count(Counter.FORWARD_AUTHS_FAILED);
            return refusal;
        }
        call.worker().count(Counter.FORWARD_AUTHS_OPENED);
        call.identify(SOMEBODY);
        return Verdict.CONTINUE;
    }

    private Verdict judged(Outbound.Response answer, FilterCall call) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return passed(answer, call);
        }
        if (status == UNAUTHORIZED || status == FORBIDDEN || REDIRECTS.contains(status)) {
            call.worker().count(Counter.FORWARD_AUTHS_ANSWERED);
            return new Verdict.Answered(new Answer(status, selected(answer), answer.body()));
        }
        return withoutAnswer(call, UNAVAILABLE);
    }

    private Verdict passed(Outbound.Response answer, FilterCall call) {
        String consumer =
                config.consumerHeader().map(name -> value(answer, name)).orElse("");
        if (!consumer.isEmpty() && call.worker().credentials().consumer(consumer) == null) {
            call.worker().count(Counter.FORWARD_AUTHS_FAILED);
            return NO_CONSUMER;
        }
        Fields fields = call.request().fields();
        for (String name : config.responseHeaders()) {
            for (Map.Entry<String, String> field : answer.headers()) {
                if (field.getKey().equalsIgnoreCase(name)) {
                    fields.add(name, field.getValue());
                }
            }
        }
        call.worker().count(Counter.FORWARD_AUTHS_PASSED);
        String subject = config.subjectHeader().map(name -> value(answer, name)).orElse("");
        call.identify(
                consumer.isEmpty() && subject.isEmpty()
                        ? SOMEBODY
                        : new Identity(consumer.isEmpty() ? null : consumer, subject, List.of(), Map.of()));
        return Verdict.CONTINUE;
    }

    private List<Map.Entry<String, String>> selected(Outbound.Response answer) {
        List<Map.Entry<String, String>> selected = new ArrayList<>();
        for (Map.Entry<String, String> field : answer.headers()) {
            // Without its coding a body is not what it was.
            boolean isKept = field.getKey().equalsIgnoreCase("Content-Encoding")
                    || config.answerHeaders().stream().anyMatch(name -> name.equalsIgnoreCase(field.getKey()));
            if (isKept) {
                selected.add(field);
            }
        }
        return selected;
    }

    private static String value(Outbound.Response answer, String name) {
        for (Map.Entry<String, String> field : answer.headers()) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue();
            }
        }
        return "";
    }

    @Override
    public void cancelled(long ticket) {
        Asking asking = underWay.remove(ticket);
        if (asking != null) {
            asking.cancel();
        }
    }

    @Override
    public void close() {
        List.copyOf(underWay.values()).forEach(Asking::cancel);
        underWay.clear();
    }

    /** One request that the authorizer is being asked about. */
    private final class Asking implements Outbound.Listener {
        private final FilterCall call;
        private final FilterWorker worker;
        private final long ticket;
        private Outbound.@Nullable Call request;

        Asking(FilterCall call, FilterWorker worker, long ticket) {
            this.call = call;
            this.worker = worker;
            this.ticket = ticket;
        }

        @Override
        public void responded(Outbound.Response response) {
            if (underWay.remove(ticket) != null) {
                worker.resume(ticket, judged(response, call));
            }
        }

        @Override
        public void failed(String reason, String detail) {
            if (underWay.remove(ticket) != null) {
                Verdict why = new Verdict.Failed(
                        Reason.AUTHORIZER_UNAVAILABLE, "the authorizer gave no answer: " + detail, reason);
                worker.resume(ticket, withoutAnswer(call, why));
            }
        }

        void cancel() {
            Outbound.Call sent = request;
            if (sent != null) {
                sent.cancel();
            }
        }
    }
}
