package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When something was last used, to the minute. */
final class LastUseTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private final LastUse use = new LastUse();

    @Test
    void isNeverBeforeTheFirst() {
        assertThat(use.minute()).isEmpty();
    }

    @Test
    void isTheMinuteOfTheLast() {
        use.tell(NOON.plusSeconds(59).toEpochMilli());
        assertThat(use.minute()).contains(NOON);

        use.tell(NOON.plusSeconds(60).toEpochMilli());
        assertThat(use.minute()).contains(NOON.plusSeconds(60));
    }

    @Test
    void goesNotBackWithAClockThatIsBehind() {
        use.tell(NOON.plusSeconds(60).toEpochMilli());
        use.tell(NOON.toEpochMilli());

        assertThat(use.minute()).contains(NOON.plusSeconds(60));
    }
}
