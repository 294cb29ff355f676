package io.penstock.worker;

import io.penstock.limit.Circuits;
import io.penstock.limit.KeyedPermitTable;
import io.penstock.limit.PermitTable;
import io.penstock.limit.QuotaTable;
import io.penstock.limit.RateTable;
import io.penstock.mark.SharedByWorkers;
import io.penstock.snapshot.Pins;

/**
 * All that workers share. Everything else a worker reaches is its own. A new field here needs a decision record, since
 * each one is a place where cores can meet.
 *
 * @param rates rate limits, exact over all workers
 * @param quotas quotas of calendar windows, exact over all workers
 * @param permits connections, pending requests and other counted bounds, exact over all workers
 * @param keyedPermits exchanges at once and waiting ones by key, exact over all workers
 * @param circuits what is known of each upstream as a whole: retry budgets, exact over all workers
 * @param pins which route tables are still read
 * @param keySeedHigh seed of limiter keys, the same for all workers and unknown to clients
 * @param keySeedLow its other half
 */
@SharedByWorkers
public record SharedTables(
        RateTable rates,
        QuotaTable quotas,
        PermitTable permits,
        KeyedPermitTable keyedPermits,
        Circuits circuits,
        Pins pins,
        long keySeedHigh,
        long keySeedLow) {}
