package io.penstock.exchange;

import io.penstock.exchange.facts.FilterNotes;
import io.penstock.exchange.facts.RequestLookup;
import io.penstock.exchange.facts.RouteParameters;
import io.penstock.exchange.limits.LimitCheck;
import io.penstock.exchange.limits.LimitOutcome;
import io.penstock.exchange.limits.LimitSubject;
import io.penstock.filter.ErrorPages;
import io.penstock.http.ClientAddress;
import io.penstock.http.Fields;
import io.penstock.http.LoopMark;
import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.HeadSamples;
import io.penstock.metrics.Reason;
import io.penstock.route.RouteLookup;
import io.penstock.snapshot.BackendSplit;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.snapshot.RouteAction;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What is decided of a request by its head alone, without an endpoint and without anybody's code: who asks, which route it
 * is, and whether its bounds and limits let it pass.
 */
@WorkerConfined
final class Admission {
    private final Exchange exchange;
    private final ExchangeContext context;
    private final RequestHead request;
    private final RequestLookup lookup;
    private final LimitSubject subject;
    private final RouteParameters parameters = new RouteParameters();

    /** Null until one is found. */
    private @Nullable RouteRuntime route;

    Admission(Exchange exchange, ExchangeContext context, FilterNotes notes) {
        this.exchange = exchange;
        this.context = context;
        this.request = exchange.request();
        this.lookup = new RequestLookup(request);
        this.subject = new LimitSubject(request, lookup, notes, exchange.pace());
    }

    /** Finds out who sent the request, and what is believed of what the head says about that. */
    void findClient() {
        DownstreamStream stream = exchange.stream();
        ListenerRuntime listener = stream.listener();
        ClientAddress client = context.clientAddress();
        client.resolve(
                listener.clientAddressSource(),
                listener.trustedPeers(),
                stream.peer().bytes(),
                request);
        lookup.begin(listener.id(), client.address());
        ExchangeRecord record = exchange.record();
        if (client.isPeerTrusted()) {
            record.requestId().keep(request);
        }
        record.headComplete(request, lookup.clientAddress(), stream.protocol());
        request.forwarding()
                .peer(stream.peer().text(), stream.peer().text().length)
                .peerTrusted(client.isPeerTrusted())
                .secure(stream.isSecure())
                .requestId(record.requestId().bytes(), 0, record.requestId().length())
                .loopMark(context.loopMark())
                .upgrade(request.isUpgrade())
                .expectContinue(request.expectsContinue());
    }

    /** Finds the route and checks what it allows. @return false if the request is refused: return at once */
    boolean findRoute(Snapshot snapshot) {
        if (request.method() == Method.CONNECT) {
            exchange.ownAnswer().allow("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            exchange.refuse(Reason.TUNNEL_REFUSED, "CONNECT is not allowed by any route");
            return false;
        }
        RouteRuntime found = CrossOrigin.isPreflight(request) ? findAnnounced(snapshot) : null;
        if (found == null) {
            int routeId = context.lookup().find(snapshot.table(), lookup.asItself());
            found = chosen(snapshot, routeId);
            if (found == null) {
                keepHead(HeadSamples.NO_ROUTE);
                refuseWithoutRoute(routeId);
                return false;
            }
        }
        route = found;
        parameters.take(context.lookup());
        keepHead(found.id());
        exchange.record().route(found);
        exchange.routeFound(found);
        if (context.loopMark().isLoop(request.fields())) {
            exchange.refuse(
                    Reason.LOOP_DETECTED,
                    "the request has passed this gateway " + LoopMark.PASSES_MAX + " times already (CDN-Loop); route \""
                            + found.name() + "\" leads back to it");
            return false;
        }
        if (request.hasEncodedSlash() && !found.allowsEncodedSlashes()) {
            exchange.refuse(
                    Reason.ENCODED_SLASH,
                    "the path holds an encoded slash, backslash or percent sign, and route \"" + found.name()
                            + "\" does not say encodedSlashes: allow");
            return false;
        }
        return isUpgradeAllowed(found) && isBodyAllowed(found);
    }

    // Before filters and what else edits it.
    private void keepHead(int routeId) {
        HeadCopy.ifDue(context, request, exchange.stream(), lookup.clientAddress(), routeId);
    }

    private boolean isUpgradeAllowed(RouteRuntime found) {
        Reason refusal = request.isUpgrade() ? UpgradeCheck.refusal(request, found.tunnel()) : null;
        if (refusal != null) {
            exchange.refuse(refusal, UpgradeCheck.detail(refusal, request, found.name(), found.tunnel()));
        }
        return refusal == null;
    }

    private boolean isBodyAllowed(RouteRuntime found) {
        if (request.contentLength() > found.bodyMaxBytes()) {
            exchange.refuse(
                    Reason.BODY_TOO_LARGE,
                    "the body has " + request.contentLength() + " bytes, the route allows " + found.bodyMaxBytes());
            return false;
        }
        return true;
    }

    /** Chooses the service by who calls, where the route wants that. @return false if the request is refused: return at once */
    boolean chooseByCaller() {
        RouteRuntime found = route();
        if (!(found.action() instanceof RouteAction.Split split)) {
            return true;
        }
        RouteRuntime way = choose(found, split.backends());
        route = way;
        exchange.record().backend(way);
        // The chain goes on behind the filters that have run: CallerChoice has seen that all ways begin with these.
        exchange.filters().begin(way.filters());
        return isBodyAllowed(way);
    }

    private RouteRuntime choose(RouteRuntime found, BackendSplit backends) {
        return context.backends()
                .choose(
                        found,
                        backends,
                        request.fields(),
                        lookup.clientAddress(),
                        subject.notes().identity());
    }

    // The route of the request that a preflight announces, if it has something to say to preflights: few routes list
    // OPTIONS.
    private @Nullable RouteRuntime findAnnounced(Snapshot snapshot) {
        RouteRuntime announced = chosen(snapshot, context.lookup().find(snapshot.table(), lookup.asAnnounced()));
        return announced == null || announced.cors() == null ? null : announced;
    }

    private @Nullable RouteRuntime chosen(Snapshot snapshot, int routeId) {
        RouteRuntime found = routeId < 0 ? null : snapshot.routes().get(routeId);
        return found != null
                        && found.action() instanceof RouteAction.Split split
                        && !split.backends().isByCaller()
                ? choose(found, split.backends())
                : found;
    }

    private void refuseWithoutRoute(int outcome) {
        Reason reason = outcome == RouteLookup.METHOD_NOT_ALLOWED ? Reason.METHOD_NOT_ALLOWED : Reason.NO_ROUTE;
        if (reason == Reason.METHOD_NOT_ALLOWED) {
            exchange.ownAnswer().allow(context.lookup().allowHeader());
        }
        exchange.record().noRoute(reason);
        exchange.refuse(reason, "");
    }

    /** Takes the limits whose keys the request itself says. @return false if it is refused: return at once */
    boolean takeLimits() {
        return take(route().limits().beforeAuth());
    }

    /** Takes the limits whose keys need to know who calls. @return false if the request is refused: return at once */
    boolean takeConsumerLimits() {
        return take(route().limits().afterAuth()) && take(exchange.caller().limits());
    }

    private boolean take(LimitPlan[] limits) {
        LimitCheck check = context.limits();
        LimitOutcome outcome = check.take(limits, route().limits(), subject, context.nowNs());
        return outcome == LimitOutcome.TAKEN || refuse(outcome, check.refusedBy(), check.waitNs());
    }

    private boolean refuse(LimitOutcome outcome, String limit, long waitNs) {
        exchange.record().limitRefused(limit, outcome.reason());
        exchange.ownAnswer().retryAfterNs(waitNs);
        exchange.refuse(
                outcome.reason(), "limit \"" + limit + "\": " + outcome.reason().meaning());
        return false;
    }

    /** The exchange has ended. */
    void release() {
        context.limits().release(subject);
    }

    /** Tells in the head of the answer what limits there are and what is left of them. */
    void reportLimits(Fields answer) {
        subject.report().writeTo(answer, context.limits().text());
    }

    RouteRuntime route() {
        RouteRuntime found = route;
        if (found == null) {
            throw new IllegalStateException("the exchange has no route yet");
        }
        return found;
    }

    /** What is shown in the place of errors: the route's pages, as long as none is known those of the instance. */
    ErrorPages errorPages(Snapshot snapshot) {
        RouteRuntime found = route;
        return found == null ? snapshot.pagesWithoutRoute() : found.errorPages();
    }

    byte[] clientAddress() {
        return lookup.clientAddress();
    }

    RouteParameters parameters() {
        return parameters;
    }

    void reset() {
        route = null;
        subject.report().reset();
        parameters.reset();
    }
}
