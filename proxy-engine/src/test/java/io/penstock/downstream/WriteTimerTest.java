package io.penstock.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.TimerWheel;
import org.junit.jupiter.api.Test;

final class WriteTimerTest {
    private static final long ALLOWED_NS = 4 * TimerWheel.TICK_NS;

    private final TimerWheel wheel = new TimerWheel(0);
    private final Taker client = new Taker();
    private final WriteTimer timer = new WriteTimer(client, wheel);
    private long nowNs;

    /** A client, and what it has not taken. */
    private static final class Taker implements WriteTimer.Output {
        private int pendingBytes;
        private boolean isGivenUp;

        @Override
        public int pendingBytes() {
            return pendingBytes;
        }

        @Override
        public void writeTimeout() {
            isGivenUp = true;
        }
    }

    private void send(int bytes) {
        client.pendingBytes += bytes;
        timer.begin(nowNs, ALLOWED_NS);
    }

    private void letItsTimePass() {
        nowNs += 2 * ALLOWED_NS;
        wheel.advance(nowNs);
    }

    @Test
    void givesUpAClientThatTakesNothing() {
        send(1000);

        letItsTimePass();

        assertThat(client.isGivenUp).isTrue();
    }

    @Test
    void waitsForAClientThatTakesALittleAtATime() {
        send(1000);
        for (int i = 0; i < 5; i++) {
            client.pendingBytes -= 10;
            letItsTimePass();
        }
        assertThat(client.isGivenUp).isFalse();

        letItsTimePass();

        assertThat(client.isGivenUp).isTrue();
    }

    @Test
    void waitsForAClientThatTakesLessThanIsAddedMeanwhile() {
        send(1000);
        send(1000);
        client.pendingBytes -= 10;

        letItsTimePass();

        assertThat(client.isGivenUp).isFalse();
    }

    @Test
    void whatIsAddedIsNoProgress() {
        send(1000);
        send(1000);

        letItsTimePass();

        assertThat(client.isGivenUp).isTrue();
    }
}
