package io.penstock.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TicketChainTest {
    private static final long START_MS = 1_790_000_000_000L;

    private final TicketChain chain = TicketChain.beginning(START_MS, new byte[TicketChain.SECRET_BYTES]);

    private static List<String> names(TicketChain of) {
        return of.keys().stream()
                .map(key -> HexFormat.of().formatHex(key.name()))
                .toList();
    }

    @Test
    void theYoungestKeyComesFirstAndTheOldestGoes() {
        List<String> before = names(chain);
        List<String> after = names(chain.at(START_MS + TicketChain.PERIOD_MS));

        assertThat(before).hasSize(3).doesNotHaveDuplicates();
        assertThat(after.subList(1, 3)).isEqualTo(before.subList(0, 2));
        assertThat(before).doesNotContain(after.getFirst());
    }

    @Test
    void withinAPeriodItIsTheSame() {
        assertThat(chain.at(START_MS)).isSameAs(chain);
        assertThat(chain.at(START_MS - 100 * TicketChain.PERIOD_MS)).isSameAs(chain);
    }

    @Test
    void aLongSleepLeadsToTheSameKeysAsManySteps() {
        TicketChain stepped = chain;
        for (int i = 1; i <= 10; i++) {
            stepped = stepped.at(START_MS + i * TicketChain.PERIOD_MS);
        }
        assertThat(names(stepped)).isEqualTo(names(chain.at(START_MS + 10 * TicketChain.PERIOD_MS)));
    }
}
