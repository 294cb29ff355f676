package io.penstock.engine;

import io.penstock.discovery.EndpointView;
import io.penstock.discovery.HealthView;
import io.penstock.metrics.SeriesReading;
import java.util.Optional;

/**
 * One endpoint and what was counted of it.
 *
 * @param health empty where it is not watched, or has no address
 * @param counts summed over the workers; empty where it has no address, or counts among the others
 */
public record EndpointStatus(EndpointView endpoint, Optional<HealthView> health, Optional<SeriesReading> counts) {
    /** Whether it takes requests now. */
    public boolean takesRequests() {
        return endpoint.state() == EndpointView.State.READY
                && health.map(HealthView::takesRequests).orElse(true);
    }
}
