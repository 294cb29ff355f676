package io.penstock.filter;

import com.google.re2j.Pattern;
import io.penstock.config.FaultFilterConfig;
import io.penstock.config.FieldMatch;
import io.penstock.config.FieldMatchType;
import io.penstock.config.FilterConfig;
import io.penstock.config.Share;
import io.penstock.http.Fields;
import io.penstock.metrics.Reason;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import io.penstock.spi.WorkerId;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Delays and refuses a part of the requests, which are marked so that nobody takes them for real. A delay is a timer of the
 * worker: nothing stands still but the request.
 */
public final class FaultFilter implements PreparedFilter {
    /** So many requests of a worker may wait in one filter; others pass without a delay. */
    static final int WAITING_MAX = 10_000;

    private static final int WHOLE = 10_000;
    private static final Verdict ABORTED = new Verdict.Failed(Reason.FAULT_INJECTED, "fault injection refused it");

    private final FaultFilterConfig config;
    private final long seed;
    private final Optional<Pattern> expression;

    private FaultFilter(FaultFilterConfig config, long seed) {
        this.config = config;
        this.seed = seed;
        this.expression = config.header()
                .filter(match -> match.type() == FieldMatchType.REGEX)
                .flatMap(FieldMatch::value)
                .map(Pattern::compile);
    }

    /** The provider of {@code type: fault}; chance comes from the seed. */
    public static FilterProvider provider(long seed) {
        return new FilterProvider() {
            @Override
            public Class<? extends FilterConfig> configType() {
                return FaultFilterConfig.class;
            }

            @Override
            public PreparedFilter prepare(FilterConfig config) {
                return new FaultFilter((FaultFilterConfig) config, seed);
            }
        };
    }

    @Override
    public String name() {
        return "fault";
    }

    @Override
    public FilterPhase phase() {
        return FilterPhase.TRANSFORM;
    }

    @Override
    public boolean hasRequestHook() {
        return true;
    }

    @Override
    public boolean hasResponseHook() {
        return false;
    }

    @Override
    public Filter open(WorkerId worker) {
        return new Instance(new SplittableRandom(seed + worker.index()));
    }

    private boolean isFor(Fields fields) {
        FieldMatch match = config.header().orElse(null);
        if (match == null) {
            return true;
        }
        String name = match.name().toLowerCase(Locale.ROOT);
        boolean isThere = fields.find(name) >= 0;
        return switch (match.type()) {
            case PRESENT -> isThere;
            case ABSENT -> !isThere;
            case EXACT, REGEX -> hasValue(fields, name, match.value().orElse(""));
        };
    }

    private boolean hasValue(Fields fields, String name, String value) {
        for (int i = fields.find(name); i >= 0; i = fields.find(name, i + 1)) {
            Pattern pattern = expression.orElse(null);
            if (pattern == null ? fields.valueEquals(i, value) : pattern.matches(fields.value(i))) {
                return true;
            }
        }
        return false;
    }

    /** What one worker has of it. */
    private final class Instance implements Filter {
        private final SplittableRandom chance;
        private final Long2ObjectHashMap<FilterWorker.Scheduled> waiting = new Long2ObjectHashMap<>();

        Instance(SplittableRandom chance) {
            this.chance = chance;
        }

        @Override
        public Verdict onRequest(RequestView request, FilterCall call) {
            if (!isFor(request.fields())) {
                return Verdict.CONTINUE;
            }
            boolean isDelayed = config.delay().isPresent()
                    && isChosen(config.delay().get().share())
                    && waiting.size() < WAITING_MAX;
            Verdict verdict = Verdict.CONTINUE;
            if (config.abort().isPresent() && isChosen(config.abort().get().share())) {
                call.refusal(Reason.FAULT_INJECTED, config.abort().get().status(), 0);
                verdict = ABORTED;
            }
            if (!isDelayed) {
                return verdict;
            }
            call.faultInjected();
            return delayed(call, config.delay().get().time().toNanos(), verdict);
        }

        private Verdict delayed(FilterCall call, long delayNs, Verdict verdict) {
            long ticket = call.suspend();
            FilterWorker worker = call.worker();
            waiting.put(ticket, worker.schedule(delayNs, () -> {
                waiting.remove(ticket);
                worker.resume(ticket, verdict);
            }));
            return Verdict.SUSPENDED;
        }

        private boolean isChosen(Share share) {
            return share.basisPoints() == WHOLE || chance.nextInt(WHOLE) < share.basisPoints();
        }

        @Override
        public void cancelled(long ticket) {
            FilterWorker.@Nullable Scheduled scheduled = waiting.remove(ticket);
            if (scheduled != null) {
                scheduled.cancel();
            }
        }

        @Override
        public void close() {
            waiting.values().forEach(FilterWorker.Scheduled::cancel);
            waiting.clear();
        }
    }
}
