package io.penstock.plugin.bridge;

import io.penstock.http.Fields;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.RequestView;
import org.graalvm.polyglot.HostAccess;
import org.jspecify.annotations.Nullable;

/** The request of a live exchange, as a script sees it through one call: nothing is copied before somebody asks. */
@WorkerConfined
public final class HostRequest implements HostFields.Section {
    private final ScriptCall call;
    private final CallSubject subject;

    HostRequest(ScriptCall call, CallSubject subject) {
        this.call = call;
        this.subject = subject;
    }

    private RequestView request() {
        call.requireLive();
        return subject.request();
    }

    @HostAccess.Export
    public String method() {
        return request().method();
    }

    @HostAccess.Export
    public String path() {
        return request().path();
    }

    /** Replaces the path; null, or what is wrong with it. */
    @HostAccess.Export
    @Nullable
    public String setPath(String path) {
        int query = path.indexOf('?');
        boolean isAccepted = query < 0 && request().path(path);
        return isAccepted ? null : "\"" + ScriptCall.shortened(path) + "\" is no acceptable path";
    }

    @HostAccess.Export
    public String query() {
        return request().query();
    }

    @HostAccess.Export
    public String host() {
        return request().host();
    }

    @HostAccess.Export
    public String url() {
        RequestView request = request();
        String query = request.query();
        String scheme = call.requireLive().client().isSecure() ? "https://" : "http://";
        return scheme + request.host() + request.path() + (query.isEmpty() ? "" : "?" + query);
    }

    /** What the route's template took for a name; null if it has none. */
    @HostAccess.Export
    @Nullable
    public String parameter(String name) {
        String value = request().parameter(name);
        return value.isEmpty() ? null : value;
    }

    @HostAccess.Export
    public HostFields fields() {
        return new HostFields(call, this);
    }

    @Override
    public Fields section() {
        return subject.request().fields();
    }
}
