package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What hooks cost, on its way through the access record into the trail. */
final class HookCostsTest {
    private static final byte[] GUARD = ascii("guard@1.0.0");
    private static final byte[] ON_REQUEST = ascii("onRequest");
    private static final byte[] ON_RESPONSE = ascii("onResponse");

    private final HookCosts costs = new HookCosts();

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private TrailEntry written(int textBytes) {
        AccessRecord record = new AccessRecord(textBytes);
        record.clear();
        record.text(AccessText.REQUEST_ID, ascii("id")).costs(costs);
        record.store();
        record.clear();
        record.load();
        return TrailEntry.of(record);
    }

    @Test
    void arriveAsTheyWereTold() {
        costs.add(0, GUARD, ON_REQUEST, 12_900, 5_000_000, HookOutcome.CONTINUED, "");
        costs.add(1, ascii("edit@2.1.0"), ON_REQUEST, 3_000, 0, HookOutcome.FAILED, "threw");
        costs.add(0, GUARD, ON_RESPONSE, 7_000, 0, HookOutcome.ANSWERED, "");

        TrailEntry entry = written(768);

        assertThat(entry.hooks())
                .containsExactly(
                        new HookCost("guard@1.0.0", "onRequest", 1, 12, 5000, HookOutcome.CONTINUED, ""),
                        new HookCost("edit@2.1.0", "onRequest", 1, 3, 0, HookOutcome.FAILED, "threw"),
                        new HookCost("guard@1.0.0", "onResponse", 1, 7, 0, HookOutcome.ANSWERED, ""));
        assertThat(entry.hooksLeftOut()).isZero();
        assertThat(entry.isTruncated()).isFalse();
    }

    @Test
    void ofOneHookAddUpAndTheWorstOutcomeStands() {
        costs.add(0, GUARD, ON_REQUEST, 1_500, 0, HookOutcome.CONTINUED, "");
        costs.add(0, GUARD, ON_REQUEST, 1_500, 0, HookOutcome.FAILED, "cpu-budget");
        costs.add(0, GUARD, ON_REQUEST, 1_500, 2_000, HookOutcome.CONTINUED, "");

        assertThat(written(768).hooks())
                .containsExactly(new HookCost("guard@1.0.0", "onRequest", 3, 4, 2, HookOutcome.FAILED, "cpu-budget"));
    }

    @Test
    void ofOneFilterInTwoPlacesAreTwo() {
        costs.add(0, GUARD, ON_REQUEST, 1_000, 0, HookOutcome.CONTINUED, "");
        costs.add(3, GUARD, ON_REQUEST, 2_000, 0, HookOutcome.CONTINUED, "");

        assertThat(written(768).hooks()).extracting(HookCost::cpuUs).containsExactly(1L, 2L);
    }

    @Test
    void beyondTheBoundAreCounted() {
        for (int i = 0; i < 40; i++) {
            costs.add(i, GUARD, ON_REQUEST, 1_000, 0, HookOutcome.CONTINUED, "");
        }

        TrailEntry entry = written(768);

        assertThat(entry.hooks()).hasSize(HookCosts.ENTRIES_MAX);
        assertThat(entry.hooksLeftOut()).isEqualTo(40 - HookCosts.ENTRIES_MAX);
    }

    @Test
    void thatFindNoRoomAreCountedAndNothingIsCutInTheMiddle() {
        for (int room = 64; room < 500; room++) {
            costs.clear();
            for (int i = 0; i < 8; i++) {
                costs.add(i, ascii("plugin" + i + "@1.0.0"), ON_REQUEST, 1_000, 0, HookOutcome.FAILED, "threw");
            }

            TrailEntry entry = written(room);

            assertThat(entry.hooks().size() + entry.hooksLeftOut()).isEqualTo(8);
            assertThat(entry.hooks()).allMatch(cost -> cost.code().equals("threw"));
            assertThat(entry.isTruncated()).isFalse();
        }
    }

    @Test
    void ofAnotherExchangeAreForgotten() {
        costs.add(0, GUARD, ON_REQUEST, 1_000, 0, HookOutcome.FAILED, "threw");
        costs.clear();

        assertThat(written(768).hooks()).isEmpty();
        costs.add(0, GUARD, ON_REQUEST, 2_000, 0, HookOutcome.CONTINUED, "");
        assertThat(written(768).hooks())
                .containsExactly(new HookCost("guard@1.0.0", "onRequest", 1, 2, 0, HookOutcome.CONTINUED, ""));
    }
}
