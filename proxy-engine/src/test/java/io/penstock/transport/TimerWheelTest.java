package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TimerWheelTest {
    private static final long TICK = TimerWheel.TICK_NS;
    private static final long START = 1_000_000_007L;

    private final TimerWheel wheel = new TimerWheel(START);
    private final List<String> fired = new ArrayList<>();

    private final class Named extends Timer {
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        protected void expired(long nowNs) {
            fired.add(name);
        }
    }

    private void at(long nowNs) {
        wheel.advance(START + nowNs);
    }

    @Test
    void firesAtTheFirstTickThatDoesNotLieBeforeTheDeadline() {
        Timer timer = new Named("a");
        wheel.arm(timer, START + TICK + 1);

        at(2 * TICK - 1);
        assertThat(fired).isEmpty();
        assertThat(timer.isArmed()).isTrue();

        at(2 * TICK);
        assertThat(fired).containsExactly("a");
        assertThat(timer.isArmed()).isFalse();
    }

    @Test
    void oneThatFailsKeepsNoOtherFromFiring() {
        wheel.arm(
                new Timer() {
                    @Override
                    protected void expired(long nowNs) {
                        throw new IllegalStateException("a fault of this test");
                    }
                },
                START + TICK);
        wheel.arm(new Named("same tick"), START + TICK);
        wheel.arm(new Named("later"), START + 3 * TICK);

        at(TICK);
        at(3 * TICK);

        assertThat(fired).containsExactly("same tick", "later");
        assertThat(wheel.armedTimers()).isZero();
    }

    @Test
    void aPastDeadlineFiresAtTheNextTick() {
        at(10 * TICK);
        wheel.arm(new Named("a"), START);

        assertThat(wheel.nextDelayNs(START + 10 * TICK)).isEqualTo(TICK);
        at(11 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void oneMovedToLaterFiresLater() {
        Timer timer = new Named("a");
        wheel.arm(timer, START + TICK);
        wheel.arm(timer, START + 100 * TICK);

        at(99 * TICK);
        assertThat(fired).isEmpty();
        at(100 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void oneMovedToEarlierFiresEarlier() {
        Timer timer = new Named("a");
        wheel.arm(timer, START + 100 * TICK);
        wheel.arm(timer, START + 5 * TICK);

        at(5 * TICK);
        assertThat(fired).containsExactly("a");
        at(200 * TICK);
        assertThat(fired).containsExactly("a");
    }

    @Test
    void aDisarmedOneDoesNotFire() {
        Timer timer = new Named("a");
        wheel.arm(timer, START + TICK);
        wheel.disarm(timer);
        wheel.disarm(timer);

        at(10 * TICK);
        assertThat(fired).isEmpty();
        assertThat(wheel.armedTimers()).isZero();
    }

    @Test
    void deadlinesBeyondOneRoundWaitForTheirRound() {
        wheel.arm(new Named("far"), START + (3L * TimerWheel.SLOTS + 5) * TICK);
        wheel.arm(new Named("near"), START + 5 * TICK);

        for (long tick = 0; tick < 3L * TimerWheel.SLOTS + 5; tick += 100) {
            at(tick * TICK);
        }
        assertThat(fired).containsExactly("near");
        at((3L * TimerWheel.SLOTS + 5) * TICK);
        assertThat(fired).containsExactly("near", "far");
    }

    @Test
    void aJumpOfTheClockFiresEachTimerOnce() {
        for (int i = 0; i < 100; i++) {
            wheel.arm(new Named("t" + i), START + i * 97L * TICK);
        }

        at(1_000_000 * TICK);

        assertThat(fired).hasSize(100).doesNotHaveDuplicates();
    }

    @Test
    void aTimerMayArmItselfAgainAndDisarmItsNeighbours() {
        List<Timer> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(new Timer() {
                @Override
                protected void expired(long nowNs) {
                    fired.add("x");
                    all.forEach(wheel::disarm);
                    wheel.arm(this, nowNs);
                }
            });
        }
        all.forEach(timer -> wheel.arm(timer, START + TICK));

        at(TICK);
        assertThat(fired).hasSize(1);
        assertThat(wheel.armedTimers()).isEqualTo(1);
        at(TICK);
        assertThat(fired).hasSize(1);
        at(2 * TICK);
        assertThat(fired).hasSize(2);
    }

    @Test
    void aTimerMayMoveANeighbourThatIsDueToo() {
        Timer second = new Named("second");
        Timer first = new Timer() {
            @Override
            protected void expired(long nowNs) {
                fired.add("first");
                wheel.arm(second, nowNs + 10 * TICK);
            }
        };
        // The one armed last hangs first.
        wheel.arm(first, START + TICK);
        wheel.arm(second, START + TICK);

        at(TICK);
        assertThat(fired).contains("first");
        int early = fired.size();
        at(11 * TICK);
        assertThat(fired).hasSize(early + 1).endsWith("second");
    }

    @Test
    void saysHowLongTheLoopMaySleep() {
        assertThat(wheel.nextDelayNs(START)).isEqualTo(Long.MAX_VALUE);

        wheel.arm(new Named("a"), START + 50 * TICK);
        wheel.arm(new Named("b"), START + 3 * TICK);

        assertThat(wheel.nextDelayNs(START)).isEqualTo(3 * TICK);
        at(3 * TICK);
        assertThat(wheel.nextDelayNs(START + 3 * TICK)).isEqualTo(47 * TICK);
        assertThat(wheel.nextDelayNs(START + 60 * TICK)).isZero();
        at(50 * TICK);
        assertThat(wheel.nextDelayNs(START + 50 * TICK)).isEqualTo(Long.MAX_VALUE);
    }

    /** Random arming, moving, disarming and jumping of the clock, against a plain map of deadlines. */
    @Test
    void behavesAsAListOfDeadlinesDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<Timer, Long> expected = new HashMap<>();
        Map<Timer, Integer> firings = new HashMap<>();
        List<Timer> timers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            timers.add(new Timer() {
                @Override
                protected void expired(long nowNs) {
                    firings.merge(this, 1, Integer::sum);
                }
            });
        }
        long now = START;
        for (int step = 0; step < 200_000; step++) {
            Timer timer = timers.get(random.nextInt(timers.size()));
            switch (random.nextInt(8)) {
                case 0 -> {
                    wheel.disarm(timer);
                    expected.remove(timer);
                }
                case 1, 2, 3, 4 -> {
                    long range = random.nextInt(20) == 0 ? 3L * TimerWheel.SLOTS * TICK : 100 * TICK;
                    long deadline = now + random.nextLong(range) - TICK;
                    wheel.arm(timer, deadline);
                    // As the contract says: at a tick, and never at one that has been.
                    long lastTick = (now - START) / TICK;
                    long dueTick = Math.max(Math.floorDiv(deadline - START + TICK - 1, TICK), lastTick + 1);
                    expected.put(timer, START + dueTick * TICK);
                }
                default -> {
                    long leap = random.nextInt(500) == 0 ? 2L * TimerWheel.SLOTS * TICK : 4 * TICK;
                    long before = now;
                    now += random.nextLong(leap);
                    long sleep = wheel.nextDelayNs(before);
                    firings.clear();
                    int count = wheel.advance(now);
                    Map<Timer, Integer> due = new HashMap<>();
                    long until = now;
                    expected.entrySet().removeIf(entry -> {
                        boolean isDue = entry.getValue() <= until;
                        if (isDue) {
                            due.put(entry.getKey(), 1);
                            assertThat(sleep).as("seed %s", seed).isLessThanOrEqualTo(entry.getValue() - before);
                        }
                        return isDue;
                    });
                    assertThat(firings).as("seed %s step %s", seed, step).isEqualTo(due);
                    assertThat(count).isEqualTo(due.size());
                }
            }
            assertThat(wheel.armedTimers()).isEqualTo(expected.size());
        }
    }
}
