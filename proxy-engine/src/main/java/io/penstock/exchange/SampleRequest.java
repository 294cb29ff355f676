package io.penstock.exchange;

import io.penstock.exchange.facts.RequestLookup;
import io.penstock.exchange.facts.RouteParameters;
import io.penstock.http.AddressText;
import io.penstock.http.GrpcWebFields;
import io.penstock.http.HeadLimits;
import io.penstock.http.Method;
import io.penstock.http.ParseState;
import io.penstock.http.RequestHead;
import io.penstock.http.RequestHeadParser;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.route.RouteQuery;
import io.penstock.snapshot.RouteAction;
import io.penstock.snapshot.RouteRuntime;
import io.penstock.spi.RequestValues;
import io.penstock.spi.RequestView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A request that nobody sent, read by the same parser as a real one: what {@code explain} asks about. */
@WorkerConfined
public final class SampleRequest {
    private final RequestHead head = new RequestHead();
    private final RequestLookup lookup = new RequestLookup(head);
    private final RouteParameters parameters = new RouteParameters();
    private final RequestEdits view = new RequestEdits(head, parameters);
    private final BackendChoice choice = new BackendChoice();
    private final byte[] clientAddress = new byte[AddressText.BYTES];
    private @Nullable Reason refusal;
    private String refusalDetail = "";

    private SampleRequest() {}

    /**
     * Reads a sample.
     *
     * @param url absolute, or a path with the host among the headers
     * @param client the client's IP address; an empty text means the loopback address
     */
    public static SampleRequest parse(
            String method, String url, List<Map.Entry<String, String>> headers, String client) {
        SampleRequest sample = new SampleRequest();
        byte[] address = (client.isEmpty() ? "127.0.0.1" : client).getBytes(StandardCharsets.ISO_8859_1);
        if (!AddressText.parse(address, 0, address.length, sample.clientAddress)) {
            throw new IllegalArgumentException("\"" + client + "\" is no IP address, for example 192.0.2.7");
        }
        byte[] bytes = text(method, url, headers).getBytes(StandardCharsets.ISO_8859_1);
        RequestHeadParser parser = new RequestHeadParser(HeadLimits.DEFAULT);
        int taken = parser.feed(new UnsafeBuffer(bytes), 0, bytes.length, sample.head);
        if (parser.state() == ParseState.REFUSED) {
            sample.refusal = parser.reason();
            sample.refusalDetail = parser.detail();
        } else if (parser.state() != ParseState.COMPLETE || taken != bytes.length) {
            sample.refusal = Reason.BAD_REQUEST_LINE;
            sample.refusalDetail = "a part of the sample ends the head early: look for line ends in it";
        }
        return sample;
    }

    private static String text(String method, String url, List<Map.Entry<String, String>> headers) {
        String target = url;
        String host = "";
        int scheme = url.indexOf("://");
        if (scheme > 0) {
            int path = url.indexOf('/', scheme + 3);
            int query = url.indexOf('?', scheme + 3);
            int end = path < 0 ? (query < 0 ? url.length() : query) : path;
            host = url.substring(scheme + 3, end);
            target = url.substring(end);
            if (!target.startsWith("/")) {
                target = "/" + target;
            }
        }
        StringBuilder head =
                new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        boolean namesHost = headers.stream().anyMatch(field -> field.getKey().equalsIgnoreCase("Host"));
        if (!namesHost) {
            head.append("Host: ").append(host).append("\r\n");
        }
        for (Map.Entry<String, String> field : headers) {
            head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** Why the head would be refused; empty if it would not. */
    public Optional<Reason> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** What was found. */
    public String refusalDetail() {
        return refusalDetail;
    }

    /** Whether it asks for a tunnel, which no route allows. */
    public boolean isConnect() {
        return head.method() == Method.CONNECT;
    }

    /** The length its head announces, -1 for none. */
    public long contentLength() {
        return head.contentLength();
    }

    /** Whether it is a call of gRPC-Web. */
    public boolean isGrpcWeb() {
        return GrpcWebFields.formOf(head) != GrpcWebFields.Form.NONE;
    }

    /** Why a route would refuse the protocol that it asks to change to; null if it asks for none, or may. */
    public @Nullable Reason upgradeRefusal(RouteRuntime route) {
        return head.isUpgrade() ? UpgradeCheck.refusal(head, route.tunnel()) : null;
    }

    /** What is told of that. */
    public String upgradeRefusalDetail(Reason refusal, RouteRuntime route) {
        return UpgradeCheck.detail(refusal, head, route.name(), route.tunnel());
    }

    /** Where it would come from, in 16 bytes. */
    public byte[] clientAddress() {
        return clientAddress.clone();
    }

    /** By which listener it would come. */
    public void listener(int listenerId) {
        lookup.begin(listenerId, clientAddress);
    }

    /** The way through a route that has several: that of the request where it says so, else the likeliest. */
    public RouteRuntime way(RouteRuntime route) {
        return route.action() instanceof RouteAction.Split split
                ? split.backends().way(choice.sample(split.backends(), head.fields(), clientAddress))
                : route;
    }

    /** Why {@link #way} took the way it did last. */
    public String because() {
        return choice.by().text();
    }

    /** What the route's template took. */
    public void parameters(Map<String, String> values) {
        parameters.set(values);
    }

    /** For the route table. */
    public RouteQuery query() {
        return lookup.asItself();
    }

    /** Whether it asks beforehand for another request. */
    public boolean isPreflight() {
        return CrossOrigin.isPreflight(head);
    }

    /** The request that a preflight announces, for the route table. */
    public RouteQuery announced() {
        return lookup.asAnnounced();
    }

    /** For filters. */
    public RequestView view() {
        return view;
    }

    /** For filters that put values of the request somewhere. */
    public RequestValues values(String route) {
        return new SampleValues(view, route, clientAddress);
    }

    /** What a route that forwards to nobody does with it. */
    public String ownAnswer(RouteRuntime route) {
        if (!(route.action() instanceof RouteAction.Redirect redirect)) {
            return "respond";
        }
        String link = redirect.link().fill(values(route.name()), head.host(), head.authority());
        return link == null
                ? "redirect refused: " + Reason.TEMPLATE_REFUSED.code()
                : "redirect " + redirect.status() + " to " + link;
    }

    /** The path as it is now: canonical, and rewritten where a filter did so. */
    public String path() {
        return head.path();
    }

    /** Whether the path holds an encoded slash, backslash or percent sign. */
    public boolean hasEncodedSlash() {
        return head.hasEncodedSlash();
    }
}
