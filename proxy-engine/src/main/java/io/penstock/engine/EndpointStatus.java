package io.penstock.engine;

import io.penstock.discovery.EndpointView;
import io.penstock.metrics.SeriesReading;
import java.util.Optional;

/**
 * One endpoint and what was counted of it.
 *
 * @param counts summed over the workers; empty where it has no address, or counts among the others
 */
public record EndpointStatus(EndpointView endpoint, Optional<SeriesReading> counts) {}
