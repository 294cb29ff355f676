package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.config.FilterConfig;
import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceType;
import io.penstock.config.RouteConfig;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterPhase;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters that take long to open: beside the traffic, once for each worker, closed once by each. */
final class SlowFilterTest {
    private static final HeadersFilterConfig ENTRY =
            new HeadersFilterConfig(HeaderEdits.DEFAULTS, HeaderEdits.DEFAULTS);

    @TempDir
    private Path logs;

    private final SlowFilters filters = new SlowFilters();

    /** Stands in for a host of scripts. */
    private static final class SlowFilters implements FilterProvider {
        private final Set<String> openers = ConcurrentHashMap.newKeySet();
        private final Set<String> closers = ConcurrentHashMap.newKeySet();
        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger closed = new AtomicInteger();
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private final AtomicInteger interrupts = new AtomicInteger();
        private volatile int refusesWorker = -1;
        private volatile boolean failsToClose;

        @Override
        public Class<? extends FilterConfig> configType() {
            return HeadersFilterConfig.class;
        }

        @Override
        public boolean isSlowToOpen() {
            return true;
        }

        @Override
        public PreparedFilter prepare(FilterConfig config) {
            return new PreparedFilter() {
                @Override
                public String name() {
                    return "slow";
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
                public Filter open(WorkerId worker) throws FilterRefusedException {
                    return SlowFilters.this.open(worker);
                }
            };
        }

        private Filter open(WorkerId worker) throws FilterRefusedException {
            openers.add(Thread.currentThread().getName());
            awaitGate();
            if (worker.index() == refusesWorker) {
                throw new FilterRefusedException("", "main.js:3:1 is not a function");
            }
            opened.incrementAndGet();
            return new Filter() {
                private final AtomicInteger times = new AtomicInteger();

                @Override
                public void close() {
                    assertThat(times.incrementAndGet()).isOne();
                    closers.add(Thread.currentThread().getName());
                    closed.incrementAndGet();
                    if (failsToClose) {
                        throw new IllegalStateException("a defect");
                    }
                }
            };
        }

        /** Does not heed interrupts, as a script need not. */
        private void awaitGate() {
            CountDownLatch wanted = gate;
            while (wanted.getCount() > 0) {
                try {
                    assertThat(wanted.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException ignored) {
                    interrupts.incrementAndGet();
                }
            }
        }
    }

    private static ProxyConfig config() {
        return ProxyConfig.initial()
                .with(ConfigRig.web().build())
                .with(ConfigRig.fixed("plain", "/plain").build());
    }

    private static RouteConfig filtered() {
        return ConfigRig.fixed("filtered", "/filtered").filters(ENTRY).build();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void opensOnItsOwnThreadAndClosesOnceOnEachWorker(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs, filters)) {
            ProxyConfig config = config();
            rig.publish(config.with(filtered()));
            assertThat(filters.opened).hasValue(workers);
            assertThat(filters.openers).containsExactly("penstock-preparation");
            try (EngineClient client = rig.client()) {
                assertThat(client.get("/filtered")).isEqualTo("200 filtered");
            }

            rig.publish(config.with(filtered())
                    .with(ConfigRig.fixed("more", "/more").build()));
            assertThat(filters.opened).as("an unrelated change opens nothing").hasValue(workers);
            assertThat(filters.closed).hasValue(0);

            rig.publish(config);
            await().untilAsserted(() -> assertThat(filters.closed).hasValue(workers));
            assertThat(filters.closers).hasSize(workers).allMatch(name -> name.startsWith("penstock-worker-"));
        }
    }

    @Test
    void servesAndAnswersOperatorsWhileAFilterOpens() throws Exception {
        try (ConfigRig rig = new ConfigRig(2, logs, filters)) {
            ProxyConfig config = config();
            rig.publish(config);
            CountDownLatch gate = new CountDownLatch(1);
            filters.gate = gate;
            Thread change = Thread.ofVirtual().start(() -> {
                try {
                    rig.publish(config.with(filtered()));
                } catch (Exception failed) {
                    throw new AssertionError(failed);
                }
            });
            await().until(() -> !filters.openers.isEmpty());

            try (EngineClient client = rig.client()) {
                assertThat(client.get("/plain")).isEqualTo("200 plain");
                assertThat(client.get("/filtered")).startsWith("404");
                assertThat(rig.engine().readings().isReady()).isTrue();
                assertThat(rig.engine().readings().status().revision()).isOne();
                gate.countDown();
                change.join();
                assertThat(client.get("/filtered")).isEqualTo("200 filtered");
            }
        }
    }

    @Test
    void refusesAFilterThatDoesNotOpenBeforeAnythingHasChanged() throws Exception {
        try (ConfigRig rig = new ConfigRig(4, logs, filters)) {
            ProxyConfig config = config();
            rig.publish(config);
            filters.refusesWorker = 2;

            Preparation preparation = rig.engine().prepare(config.with(filtered()));

            assertThat(preparation)
                    .isInstanceOfSatisfying(
                            Preparation.Refused.class,
                            refused -> assertThat(refused.problems())
                                    .singleElement()
                                    .satisfies(problem -> {
                                        assertThat(problem.code()).isEqualTo("filter-refused");
                                        assertThat(problem.detail()).contains("main.js:3:1");
                                    }));
            assertThat(filters.closed).as("those of the workers before it").hasValue(2);
            rig.publish(config.without(ResourceType.ROUTES, "plain"));
        }
    }

    @Test
    void refusesAFilterThatIsNotOpenInTimeAndOpensTheNextOne() throws Exception {
        try (ConfigRig rig = new ConfigRig(2, logs, Duration.ofMillis(30), filters)) {
            ProxyConfig config = config();
            rig.publish(config);
            CountDownLatch gate = new CountDownLatch(1);
            filters.gate = gate;

            assertThat(refusalOf(rig, config)).contains("it was not open after 30 ms");
            await().untilAsserted(() -> assertThat(filters.interrupts).hasValue(1));
            for (int i = 0; i < 3; i++) {
                assertThat(refusalOf(rig, config)).contains("it was not open after 30 ms");
            }
            assertThat(refusalOf(rig, config)).contains("it was not tried: 4 filters before it");
            gate.countDown();

            await().untilAsserted(() -> assertThat(filters.closed)
                    .as("what was too late is closed by who opened it")
                    .hasValue(8));
            await().untilAsserted(() -> rig.publish(config.with(filtered())));
            try (EngineClient client = rig.client()) {
                assertThat(client.get("/filtered")).isEqualTo("200 filtered");
            }
        }
    }

    private static String refusalOf(ConfigRig rig, ProxyConfig config) {
        Preparation preparation = rig.engine().prepare(config.with(filtered()));
        assertThat(preparation).isInstanceOf(Preparation.Refused.class);
        return ((Preparation.Refused) preparation).problems().getFirst().detail();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void closesWhatIsLeftWhenTheEngineStops(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs, filters)) {
            rig.publish(config().with(filtered()));
        }

        assertThat(filters.closed).hasValue(workers);
        assertThat(filters.closers).hasSize(workers).allMatch(name -> name.startsWith("penstock-worker-"));
    }

    @Test
    void adoptsWhereAFilterFailsToClose() throws Exception {
        filters.failsToClose = true;
        try (ConfigRig rig = new ConfigRig(4, logs, filters)) {
            rig.publish(config().with(filtered()));

            rig.publish(config());

            await().untilAsserted(() -> assertThat(filters.closed).hasValue(4));
            assertThat(rig.engine().readings().isReady()).isTrue();
        }
    }

    @Test
    void closesWhatADiscardedChangeHasOpened() throws Exception {
        try (ConfigRig rig = new ConfigRig(2, logs, filters)) {
            ProxyConfig config = config();
            rig.publish(config);

            Preparation preparation = rig.engine().prepare(config.with(filtered()));
            rig.engine().discard(((Preparation.Ready) preparation).prepared());

            assertThat(filters.opened).hasValue(2);
            assertThat(filters.closed).hasValue(2);
        }
    }
}
