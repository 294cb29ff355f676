package io.penstock.exchange;

import io.penstock.http.GrpcFields;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ProofBoard;
import io.penstock.snapshot.RouteAction;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.snapshot.Snapshot;
import io.penstock.spi.Answer;
import io.penstock.spi.FilterPhase;
import java.util.List;
import java.util.Map;

/**
 * The order of a request's phases, from its complete head to what its route does with it. Each phase is one call that says
 * whether the next may begin; where it may not, the exchange waits for something, or has ended.
 */
@WorkerConfined
final class RequestPhases {
    private static final byte[] NO_BODY = {};

    private final Exchange exchange;
    private final Admission admission;
    private final FilterRun filters;
    private final AdmissionWait wait;
    private final TotalBound totalBound;
    private final ProofBoard proofs;

    RequestPhases(
            Exchange exchange,
            Admission admission,
            FilterRun filters,
            AdmissionWait wait,
            TotalBound totalBound,
            ProofBoard proofs) {
        this.proofs = proofs;
        this.exchange = exchange;
        this.admission = admission;
        this.filters = filters;
        this.wait = wait;
        this.totalBound = totalBound;
    }

    /** Begins with a complete head, by what holds in {@code snapshot}. */
    void begin(Snapshot snapshot) {
        admission.findClient();
        Answer proof = ProofAnswer.to(exchange.request(), exchange.stream(), proofs.current());
        if (proof != null) {
            exchange.record().proofShown();
            exchange.answer(proof);
            return;
        }
        if (Misdirection.isOf(exchange.request(), exchange.stream())) {
            exchange.refuse(
                    Reason.MISDIRECTED, "this host wants a connection of its own: its clients show other certificates");
            return;
        }
        exchange.enter(Phase.ROUTE);
        if (!admission.findRoute(snapshot)) {
            return;
        }
        boundTotal();
        exchange.enter(Phase.ACCESS);
        goOn();
    }

    /** Runs the phases from the present one until something has to be waited for. */
    void goOn() {
        while (true) {
            Phase phase = exchange.phase();
            boolean isPassed = switch (phase) {
                case ACCESS -> filters.runRequest(FilterPhase.ACCESS);
                case LIMITS -> admission.takeLimits();
                case AUTH -> filters.runAuth() && settleBackend();
                case CONSUMER_LIMITS -> admission.takeConsumerLimits();
                case ADMISSION -> wait.enter();
                case TRANSFORM -> filters.runRequest(FilterPhase.TRANSFORM);
                case IDLE, ROUTE, CONNECT, AWAIT, RESPONSE, RELAY, ANSWER, TUNNEL, ENDED ->
                    throw new IllegalStateException("an exchange cannot advance in phase " + phase);
            };
            if (!isPassed) {
                return;
            }
            if (phase == Phase.TRANSFORM) {
                exchange.enter(Phase.CONNECT);
                act();
                return;
            }
            exchange.enter(after(phase));
        }
    }

    /** The request has waited for admission and may go on. */
    void admitted() {
        exchange.enter(Phase.TRANSFORM);
        goOn();
    }

    private static Phase after(Phase phase) {
        return switch (phase) {
            case ACCESS -> Phase.LIMITS;
            case LIMITS -> Phase.AUTH;
            case AUTH -> Phase.CONSUMER_LIMITS;
            case CONSUMER_LIMITS -> Phase.ADMISSION;
            case ADMISSION -> Phase.TRANSFORM;
            case IDLE, ROUTE, TRANSFORM, CONNECT, AWAIT, RESPONSE, RELAY, ANSWER, TUNNEL, ENDED ->
                throw new IllegalStateException("no phase of the request follows " + phase);
        };
    }

    // Where it depends on who calls which service takes the request, its bound is known only now.
    private boolean settleBackend() {
        if (!admission.chooseByCaller()) {
            return false;
        }
        boundTotal();
        return true;
    }

    private void boundTotal() {
        long totalNs = admission.route().totalTimeoutNs();
        if (totalNs > 0) {
            totalBound.endAt(
                    exchange.record().startNs() + totalNs, "the exchange took longer than timeouts.total of its route");
        }
        if (GrpcFields.isCall(exchange.request())) {
            long calledForNs = GrpcFields.timeoutNs(exchange.request().fields());
            if (calledForNs >= 0) {
                totalBound.endAt(
                        exchange.record().startNs() + calledForNs, "the call took longer than its grpc-timeout allows");
            }
        }
    }

    private void act() {
        RouteRuntime route = admission.route();
        switch (route.action()) {
            case RouteAction.Forward forward -> exchange.attempts().begin(forward);
            case RouteAction.Split split -> throw new IllegalStateException("no backend was chosen");
            case RouteAction.Respond respond -> respond(respond);
            case RouteAction.Redirect redirect -> redirect(redirect);
        }
    }

    private void respond(RouteAction.Respond respond) {
        if (respond.template().isEmpty()) {
            exchange.answer(respond.answer());
            return;
        }
        Answer filled = respond.template().get().fill(new KnownValues(exchange));
        if (filled == null) {
            exchange.refuse(Reason.TEMPLATE_REFUSED, "a value of the request is too long for the answer");
        } else {
            exchange.answer(filled);
        }
    }

    private void redirect(RouteAction.Redirect redirect) {
        DownstreamStream stream = exchange.stream();
        LinkAuthority asked = LinkAuthority.of(exchange.request(), stream);
        if (!redirect.link().namesHost() && !asked.isKnown()) {
            exchange.refuse(Reason.BAD_HOST, "the request names no host, and neither does the redirect of its route");
            return;
        }
        String location = redirect.link().fill(new KnownValues(exchange), asked.host(), asked.authority());
        if (location == null) {
            exchange.refuse(
                    Reason.TEMPLATE_REFUSED,
                    "a value of the request does not fit into the link of its route's redirect");
        } else {
            exchange.answer(new Answer(redirect.status(), List.of(Map.entry("Location", location)), NO_BODY));
        }
    }
}
