package io.penstock.filter;

import io.penstock.config.Cidr;
import io.penstock.config.FilterConfig;
import io.penstock.config.MaintenanceConfig;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.List;

/** Refuses all but some addresses while {@code maintenance} is on. Without state: one instance serves all workers. */
public final class MaintenanceFilter implements Filter, PreparedFilter, AddressCheck {
    private static final List<Cidr> EVERYBODY = List.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"));
    private static final Verdict REFUSED = new Verdict.Failed(Reason.MAINTENANCE, "the route is in maintenance");

    private final AddressTrie exempt;
    private final int status;
    private final long retryAfterNs;

    private MaintenanceFilter(MaintenanceConfig config) {
        this.exempt = config.allow().isEmpty()
                ? AddressTrie.of(List.of(), EVERYBODY)
                : AddressTrie.of(config.allow(), List.of());
        this.status = config.status();
        this.retryAfterNs = config.retryAfter().map(time -> time.toNanos()).orElse(0L);
    }

    /** The provider of {@code maintenance}. */
    public static FilterProvider provider() {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return MaintenanceConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new MaintenanceFilter((MaintenanceConfig) config);
            }
        };
    }

    @Override
    public boolean passes(byte[] address) {
        return exempt.passes(address);
    }

    @Override
    public Reason refusal() {
        return Reason.MAINTENANCE;
    }

    @Override
    public Verdict onRequest(RequestView request, FilterCall call) {
        if (passes(call.client().addressBytes())) {
            return Verdict.CONTINUE;
        }
        call.refusal(Reason.MAINTENANCE, status, retryAfterNs);
        return REFUSED;
    }

    @Override
    public String name() {
        return "maintenance";
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
