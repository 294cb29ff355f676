package io.penstock.engine;

import io.penstock.discovery.EndpointDirectory;
import io.penstock.discovery.EndpointView;
import io.penstock.discovery.HealthView;
import io.penstock.metrics.SeriesReading;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
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

    /** Puts together what is known of the endpoints of an upstream. */
    static List<EndpointStatus> of(
            String upstream,
            List<EndpointView> views,
            Map<InetSocketAddress, HealthView> healths,
            List<SeriesReading> counted) {
        return views.stream()
                .map(view -> new EndpointStatus(
                        view,
                        view.address().map(healths::get),
                        view.address()
                                .map(address -> List.of(upstream, EndpointDirectory.seriesName(address)))
                                .flatMap(name -> counted.stream()
                                        .filter(series -> series.name().equals(name))
                                        .findFirst())))
                .toList();
    }
}
