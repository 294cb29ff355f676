package io.penstock.upstream;

import io.penstock.discovery.OutcomeReport;
import io.penstock.mark.WorkerConfined;
import java.net.InetSocketAddress;

/** What became of requests at one endpoint on one worker since it was last reported. */
@WorkerConfined
final class OutcomeTally {
    private int successes;
    private int failures;
    private int failuresFirst;
    private int failuresRun;
    private int failuresLast;
    private int firstBytes;
    private long firstByteNsSum;

    boolean isEmpty() {
        return successes == 0 && failures == 0 && firstBytes == 0;
    }

    void firstByte(long tookNs) {
        firstBytes++;
        firstByteNsSum += tookNs;
    }

    void succeeded() {
        successes++;
        failuresLast = 0;
    }

    void failed() {
        failures++;
        failuresLast++;
        if (successes == 0) {
            failuresFirst++;
        }
        failuresRun = Math.max(failuresRun, failuresLast);
    }

    /** What there is, which is then forgotten. */
    OutcomeReport.Outcomes take(InetSocketAddress address) {
        OutcomeReport.Outcomes taken = new OutcomeReport.Outcomes(
                address, successes, failures, failuresFirst, failuresRun, failuresLast, firstBytes, firstByteNsSum);
        successes = 0;
        failures = 0;
        failuresFirst = 0;
        failuresRun = 0;
        failuresLast = 0;
        firstBytes = 0;
        firstByteNsSum = 0;
        return taken;
    }
}
