package io.penstock.discovery;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * What became of requests at the endpoints of one upstream on one worker, since its last report.
 *
 * @param upstream its name
 * @param outcomes of each endpoint that had any
 */
public record OutcomeReport(String upstream, List<Outcomes> outcomes) {
    public OutcomeReport {
        outcomes = List.copyOf(outcomes);
    }

    /**
     * What became of requests at one endpoint.
     *
     * @param successes requests that were answered well
     * @param failures requests that were not
     * @param failuresFirst failures before the first success
     * @param failuresRun the longest run of failures
     * @param failuresLast failures since the last success
     * @param firstBytes answers whose time was taken
     * @param firstByteNsSum the sum of their times to the first byte
     */
    public record Outcomes(
            InetSocketAddress address,
            int successes,
            int failures,
            int failuresFirst,
            int failuresRun,
            int failuresLast,
            int firstBytes,
            long firstByteNsSum) {}
}
