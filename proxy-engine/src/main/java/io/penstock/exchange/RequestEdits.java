package io.penstock.exchange;

import io.penstock.exchange.facts.RouteParameters;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.RequestView;

/** The request's head as filters see it, while it is open. */
@WorkerConfined
final class RequestEdits implements RequestView {
    private final RequestHead head;
    private final RouteParameters parameters;
    private boolean isOpen = true;

    RequestEdits(RequestHead head, RouteParameters parameters) {
        this.head = head;
        this.parameters = parameters;
    }

    void open() {
        isOpen = true;
    }

    void close() {
        isOpen = false;
    }

    private RequestHead head() {
        if (!isOpen) {
            throw new IllegalStateException("the hook is over; its request can no longer be used");
        }
        return head;
    }

    @Override
    public String method() {
        return head().methodToken();
    }

    @Override
    public String path() {
        return head().path();
    }

    @Override
    public boolean path(String path) {
        return path.startsWith("/") && head().rewritePath(path);
    }

    @Override
    public String parameter(String name) {
        return parameters.value(name, head());
    }

    @Override
    public String query() {
        return head().query();
    }

    @Override
    public String target() {
        return head().target();
    }

    @Override
    public int queryParameter(String name, ByteBuilder into) {
        return head().queryParameter(name, into);
    }

    @Override
    public void removeQueryParameter(String name) {
        head().removeQueryParameter(name);
    }

    @Override
    public boolean query(String query) {
        return head().rewriteQuery(query);
    }

    @Override
    public String host() {
        return head().host();
    }

    @Override
    public String authority() {
        return head().authority();
    }

    @Override
    public boolean hostHeader(String value) {
        return head().rewriteAuthority(value);
    }

    @Override
    public Fields fields() {
        return head().fields();
    }
}
