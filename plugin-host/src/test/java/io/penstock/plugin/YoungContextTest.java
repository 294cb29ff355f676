package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.spi.Filter;
import io.penstock.spi.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cold code may take longer, until it has run often enough. */
final class YoungContextTest {
    private static final int ENTRIES = 1_000;

    private final PluginHarness harness = new PluginHarness(
            new ScriptOptions(5_000, 10_000, 0, 60_000, 0, Optional.empty(), name -> Optional.empty()));

    // Some hundred milliseconds, over a budget of one.
    private final Filter filter =
            harness.plugin("\"limits\": {\"cpuMs\": 1, \"requestCpuMs\": 10000, \"memoryMb\": 1024}", """
            let sum = 0;
            export default {
              onRequest(req) {
                if (req.headers.get('x-work')) for (let i = 0; i < 2e7; i++) sum = (sum + i) | 0;
              },
            };
            """);

    @AfterEach
    void close() {
        harness.close();
    }

    private Verdict request(boolean isWork) {
        FakeExchange exchange = harness.exchange();
        if (isWork) {
            exchange.header("X-Work", "1");
        }
        return filter.onRequest(exchange, exchange);
    }

    @Test
    void isGivenToAContextThatHasServedLittleHoweverOldItIs() {
        assertThat(request(true)).isSameAs(Verdict.CONTINUE);
    }

    @Test
    void isNotGivenToOneThatHasServedOften() {
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(request(false)).isSameAs(Verdict.CONTINUE);
        }

        assertThat(request(true)).isInstanceOf(Verdict.Failed.class);
    }
}
