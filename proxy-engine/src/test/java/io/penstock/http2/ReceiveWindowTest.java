package io.penstock.http2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReceiveWindowTest {
    private final ReceiveWindow window = new ReceiveWindow(100, 50);

    @Test
    void thePeerMaySendAsMuchAsIsOpenAndNoByteMore() {
        assertThat(window.announce(60)).isTrue();
        assertThat(window.announce(40)).isTrue();
        assertThat(window.announce(0)).isTrue();
        assertThat(window.announce(1)).isFalse();
    }

    @Test
    void itOpensByAllThatWasTakenWhenThatIsWorthAFrame() {
        assertThat(window.announce(100)).isTrue();

        assertThat(window.take(49)).isZero();
        assertThat(window.announce(1)).as("told of nothing yet").isFalse();
    }

    @Test
    void whatItOpenedByMayBeSentAgain() {
        window.announce(100);

        assertThat(window.take(30)).isZero();
        assertThat(window.take(30)).isEqualTo(60);

        assertThat(window.announce(60)).isTrue();
        assertThat(window.announce(1)).isFalse();
        assertThat(window.take(40)).as("counted from nothing again").isZero();
    }

    @Test
    void anotherStreamBeginsWithAllOfIt() {
        window.announce(100);
        window.take(49);

        window.begin();

        assertThat(window.take(1)).isZero();
        assertThat(window.announce(100)).isTrue();
    }
}
