package io.penstock.exchange;

import io.penstock.spi.ClientView;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestValues;
import io.penstock.spi.RequestView;
import org.jspecify.annotations.Nullable;

/** What is known of one exchange's request where no filter is being called. */
record KnownValues(Exchange exchange) implements RequestValues {
    @Override
    public RequestView request() {
        return exchange.filters().requestView();
    }

    @Override
    public String route() {
        return exchange.route().name();
    }

    @Override
    public String requestId() {
        return exchange.record().requestId().toString();
    }

    @Override
    public ClientView client() {
        return exchange.filters().client();
    }

    @Override
    public @Nullable Identity identity() {
        return exchange.filters().notes().identity();
    }
}
