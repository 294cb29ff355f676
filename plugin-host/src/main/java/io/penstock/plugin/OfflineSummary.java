package io.penstock.plugin;

import io.penstock.spi.ExchangeSummary;

/** How an exchange without traffic is said to have ended. */
record OfflineSummary(
        int status,
        String reason,
        long totalNs,
        long upstreamNs,
        long requestBytes,
        long responseBytes,
        String upstream,
        String endpoint,
        int attempts)
        implements ExchangeSummary {}
