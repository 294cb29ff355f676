package io.penstock.plugin.bridge;

import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.BodyChunk;
import io.penstock.spi.EndpointView;
import io.penstock.spi.ExchangeSummary;
import io.penstock.spi.RequestView;
import io.penstock.spi.ResponseView;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one call of a hook is about; which parts are there depends on the hook.
 *
 * @param request always there
 * @param response in response hooks
 * @param endpoint in upstream hooks
 * @param bodyChunk in body hooks
 * @param trailerFields in trailer hooks
 * @param error in error hooks
 * @param summary in log hooks
 */
public record CallSubject(
        RequestView request,
        @Nullable ResponseView response,
        @Nullable EndpointView endpoint,
        @Nullable BodyChunk bodyChunk,
        @Nullable Fields trailerFields,
        @Nullable ErrorView error,
        @Nullable ExchangeSummary summary) {
    /** Why an exchange failed. */
    public record ErrorView(Reason reason, String detail) {}

    /** The trailer section, where the hook is about one. */
    Fields trailers() {
        return Objects.requireNonNull(trailerFields);
    }

    /** Of a hook that sees a request's head. */
    public static CallSubject of(RequestView request) {
        return new CallSubject(request, null, null, null, null, null, null);
    }
}
