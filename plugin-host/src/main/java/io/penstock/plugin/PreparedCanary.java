package io.penstock.plugin;

import io.penstock.config.PluginCanary;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.util.function.Predicate;

/** An entry with two versions of a plugin, checked. It has every hook that one of them has. */
final class PreparedCanary implements PreparedFilter {
    private final PreparedPlugin usual;
    private final PreparedPlugin canary;
    private final PluginCanary rule;
    private final CanaryWatch watch;

    PreparedCanary(PreparedPlugin usual, PreparedPlugin canary, PluginCanary rule) {
        this.usual = usual;
        this.canary = canary;
        this.rule = rule;
        this.watch = new CanaryWatch(canary.version(), rule.abort());
    }

    private boolean either(Predicate<PreparedFilter> question) {
        return question.test(usual) || question.test(canary);
    }

    @Override
    public String name() {
        return usual.name() + ", " + rule.percent() + " % " + canary.name();
    }

    @Override
    public boolean tellsCost() {
        return true;
    }

    @Override
    public FilterPhase phase() {
        return usual.phase();
    }

    @Override
    public boolean isSkippedOnFailure() {
        return usual.isSkippedOnFailure();
    }

    @Override
    public boolean hasRequestHook() {
        return either(PreparedFilter::hasRequestHook);
    }

    @Override
    public boolean hasResponseHook() {
        return either(PreparedFilter::hasResponseHook);
    }

    @Override
    public boolean hasUpstreamRequestHook() {
        return either(PreparedFilter::hasUpstreamRequestHook);
    }

    @Override
    public boolean hasRequestBodyHook() {
        return either(PreparedFilter::hasRequestBodyHook);
    }

    @Override
    public boolean hasResponseBodyHook() {
        return either(PreparedFilter::hasResponseBodyHook);
    }

    @Override
    public boolean keepsBodyLength() {
        return keepsLength(usual) && keepsLength(canary);
    }

    @Override
    public boolean decodesBody() {
        return either(PreparedFilter::decodesBody);
    }

    private static boolean keepsLength(PreparedPlugin side) {
        return side.keepsBodyLength() || !(side.hasRequestBodyHook() || side.hasResponseBodyHook());
    }

    @Override
    public boolean hasTrailersHook() {
        return either(PreparedFilter::hasTrailersHook);
    }

    @Override
    public boolean hasErrorHook() {
        return either(PreparedFilter::hasErrorHook);
    }

    @Override
    public boolean hasLogHook() {
        return either(PreparedFilter::hasLogHook);
    }

    @Override
    public Filter open(WorkerId worker) throws FilterRefusedException {
        PluginFilter first = usual.open(worker);
        try {
            PluginFilter second = canary.open(worker, watch);
            return new CanaryFilter(
                    first, second, new CanaryShare(rule, canary.name().hashCode(), worker.index() + 1L), watch);
        } catch (FilterRefusedException refused) {
            first.close();
            throw refused;
        }
    }
}
