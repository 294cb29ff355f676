package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.HeaderEdits;
import io.penstock.config.HeadersFilterConfig;
import io.penstock.config.LimitConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Rate;
import io.penstock.spi.Answer;
import io.penstock.spi.FilterCall;
import io.penstock.spi.FilterWorker;
import io.penstock.spi.RequestView;
import io.penstock.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters on real workers: a limit is exact over all of them, and what is done elsewhere comes back to the right one. */
final class FilterWorkersTest {
    private static final int BURST = 5;
    private static final Verdict TOO_MANY =
            new Verdict.Answered(new Answer(429, List.of(), "no".getBytes(StandardCharsets.UTF_8)));

    @TempDir
    private Path logs;

    /** Takes a permit, has a thread of its own look at the request, and goes on when that is done. */
    private static final class Guard implements StandInFilter {
        @Override
        public String name() {
            return "guard";
        }

        @Override
        public boolean hasRequestHook() {
            return true;
        }

        @Override
        public Verdict onRequest(RequestView request, FilterCall call) {
            FilterWorker worker = call.worker();
            if (worker.tryAcquire("logins", "all") != 0) {
                return TOO_MANY;
            }
            long ticket = call.suspend();
            Thread.ofVirtual().start(() -> worker.post(() -> worker.resume(ticket, Verdict.CONTINUE)));
            return Verdict.SUSPENDED;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void shareALimitExactlyAndGoOnWithWhatWasDoneElsewhere(int workers) throws Exception {
        try (ConfigRig rig = new ConfigRig(workers, logs, new Guard())) {
            rig.publish(ProxyConfig.initial()
                    .with(ConfigRig.web().build())
                    .with(LimitConfig.named("logins", Rate.parse("1/h"))
                            .burst(BURST)
                            .build())
                    .with(ConfigRig.fixed("guarded", "/guarded")
                            .filters(new HeadersFilterConfig(HeaderEdits.DEFAULTS, HeaderEdits.DEFAULTS))
                            .build()));
            List<String> answers = new ArrayList<>();
            for (int i = 0; i < 8 * workers; i++) {
                try (EngineClient client = rig.client()) {
                    answers.add(client.get("/guarded"));
                }
            }

            assertThat(answers)
                    .filteredOn(answer -> answer.equals("200 guarded"))
                    .hasSize(BURST);
            assertThat(answers).filteredOn(answer -> answer.equals("429 no")).hasSize(answers.size() - BURST);
        }
    }
}
