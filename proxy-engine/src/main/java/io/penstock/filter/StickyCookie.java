package io.penstock.filter;

import io.penstock.http.Cookies;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.ResponseView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.nio.charset.StandardCharsets;

/**
 * Tells a caller by a cookie which of a route's backends it has, unless its request said so already. For the browser's life;
 * scripts cannot read it, and it is secure where the connection is.
 */
public final class StickyCookie implements PreparedFilter {
    private final byte[] name;
    private final byte[] value;
    private final String plain;
    private final String secure;

    /** Sets a cookie of this name; the token says the backend. */
    public StickyCookie(String name, String token) {
        this.name = name.getBytes(StandardCharsets.US_ASCII);
        this.value = token.getBytes(StandardCharsets.US_ASCII);
        this.plain = name + "=" + token + "; Path=/; HttpOnly; SameSite=Lax";
        this.secure = plain + "; Secure";
    }

    @Override
    public String name() {
        return "sticky";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.ACCESS;
    }

    @Override
    public boolean hasRequestHook() {
        return false;
    }

    @Override
    public boolean hasResponseHook() {
        return true;
    }

    @Override
    public Filter open(WorkerId worker) {
        return new Setter();
    }

    private final class Setter implements Filter {
        private final Cookies cookies = new Cookies();

        @Override
        public Verdict onResponse(ResponseView response, FilterCall call) {
            boolean isKnown = cookies.find(call.request().fields(), name)
                    && cookies.valueIs(call.request().fields().bytes(), value);
            if (!isKnown) {
                response.fields().add("Set-Cookie", call.client().isSecure() ? secure : plain);
            }
            return Verdict.CONTINUE;
        }
    }
}
