package io.penstock.metrics;

/**
 * What one hook of one filter has cost a request.
 *
 * @param filter its name and version
 * @param hook as its author knows it
 * @param calls how often it ran, which is more than once for parts of a body and for further tries
 * @param cpuUs microseconds inside it, over all calls
 * @param waitedUs microseconds that the request waited for it, over all calls
 * @param outcome what came of it; of several calls, the worst
 * @param code why it failed; empty if it did not
 */
public record HookCost(
        String filter, String hook, int calls, long cpuUs, long waitedUs, HookOutcome outcome, String code) {}
