package io.penstock.plugin.bridge;

import io.penstock.config.UpstreamTlsConfig;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Outbound;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.jspecify.annotations.Nullable;

/** Sends what a script fetches, if its manifest grants the origin. */
@WorkerConfined
final class HostFetch {
    /** Bytes of a response's body. */
    static final int RESPONSE_BYTES_MAX = 4 << 20;

    /** The authorities of the system, and the name that was written. */
    private static final Optional<UpstreamTlsConfig> USUAL_TLS = Optional.of(UpstreamTlsConfig.usual());

    private final ScriptHost host;
    private final HostRealm realm;
    private final int subrequestsMax;

    HostFetch(ScriptHost host, HostRealm realm, int subrequestsMax) {
        this.host = host;
        this.realm = realm;
        this.subrequestsMax = subrequestsMax;
    }

    @Nullable
    OpenFetch send(String method, String url, Value pairs, Value body, Value resolve, Value reject) {
        ScriptCall owner = realm.current();
        Outbound outbound = host.outbound();
        Outbound.Request request;
        try {
            request = request(method, url, pairs, GuestBytes.of(body));
        } catch (IllegalArgumentException refused) {
            return refuse(owner, reject, String.valueOf(refused.getMessage()));
        }
        if (outbound == null) {
            return refuse(owner, reject, "fetch can be used in hooks only, not while the module loads or is set up");
        }
        if (owner != null && owner.budget().nextSubrequest() > subrequestsMax) {
            return refuse(
                    owner, reject, "this exchange has sent its " + subrequestsMax + " requests (limits.subrequests)");
        }
        Outbound.Call call = outbound.send(request, new Reply(owner, resolve, reject));
        if (owner != null) {
            owner.remember(call);
        }
        return new OpenFetch(call);
    }

    @Nullable
    private OpenFetch refuse(@Nullable ScriptCall owner, Value reject, String why) {
        host.soon(owner, () -> reject.executeVoid(why));
        return null;
    }

    private Outbound.Request request(String method, String url, Value pairs, byte[] body) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException wrong) {
            throw new IllegalArgumentException("\"" + url + "\" is no URL that can be fetched", wrong);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean isSecure = scheme.equals("https");
        if (uri.getHost() == null || uri.getRawUserInfo() != null || !(isSecure || scheme.equals("http"))) {
            throw new IllegalArgumentException("\"" + url + "\" is no http or https URL without user and password");
        }
        String hostName = uri.getHost().toLowerCase(Locale.ROOT);
        int standard = isSecure ? 443 : 80;
        int port = uri.getPort() < 0 ? standard : uri.getPort();
        String origin = scheme + "://" + hostName + (port == standard ? "" : ":" + port);
        if (!host.grants().fetch().allows(origin)) {
            throw new IllegalArgumentException(
                    "origin " + origin + " is not granted; add it to permissions.fetch of the manifest");
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        return new Outbound.Request(
                method,
                isSecure ? USUAL_TLS : Optional.empty(),
                hostName,
                port,
                target,
                headers(pairs),
                body,
                host.grants().wallNs(),
                RESPONSE_BYTES_MAX,
                FetchGrant.addressesFor(hostName));
    }

    private static List<Map.Entry<String, String>> headers(Value pairs) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (long i = 0; i + 1 < pairs.getArraySize(); i += 2) {
            String name = pairs.getArrayElement(i).asString();
            String value = pairs.getArrayElement(i + 1).asString();
            String fault = name.equals("host") ? "header \"host\" comes from the URL" : FieldGuard.fault(name, value);
            if (fault != null) {
                throw new IllegalArgumentException(fault);
            }
            headers.add(Map.entry(name, value));
        }
        return headers;
    }

    private final class Reply implements Outbound.Listener {
        private final @Nullable ScriptCall owner;
        private final Value resolve;
        private final Value reject;

        Reply(@Nullable ScriptCall owner, Value resolve, Value reject) {
            this.owner = owner;
            this.resolve = resolve;
            this.reject = reject;
        }

        @Override
        public void responded(Outbound.Response response) {
            List<Object> pairs = new ArrayList<>();
            for (Map.Entry<String, String> header : response.headers()) {
                pairs.add(header.getKey());
                pairs.add(header.getValue());
            }
            host.soon(
                    owner,
                    () -> resolve.executeVoid(
                            response.status(), ProxyArray.fromList(pairs), ByteBuffer.wrap(response.body())));
        }

        @Override
        public void failed(String reason, String detail) {
            host.soon(owner, () -> reject.executeVoid(reason + ": " + detail));
        }
    }
}
