package io.penstock.filter;

import io.penstock.config.AccessConfig;
import io.penstock.config.FilterConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;

/** Lets pass whose address the lists of {@code access} let pass. Without state: one instance serves all workers. */
public final class AccessFilter implements Filter, PreparedFilter, AddressCheck {
    private static final Verdict DENIED =
            new Verdict.Failed(Reason.ADDRESS_DENIED, "access does not let the client's address pass");

    private final AddressTrie addresses;

    private AccessFilter(AccessConfig config) {
        this.addresses = AddressTrie.of(config.allow(), config.deny());
    }

    /** The provider of {@code access}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return AccessConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new AccessFilter((AccessConfig) config);
            }
        };
    }

    @Override
    public boolean passes(byte[] address) {
        return addresses.passes(address);
    }

    @Override
    public Reason refusal() {
        return Reason.ADDRESS_DENIED;
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        return passes(call.client().addressBytes()) ? Verdict.CONTINUE : DENIED;
    }

    @Override
    public String name() {
        return "access";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.ACCESS;
    }

    @Override
    public boolean hasRequestHook() {
        return true;
    }

    @Override
    public boolean hasResponseHook() {
        return false;
    }

    @Override
    public Filter open(WorkerId worker) {
        return this;
    }
}
