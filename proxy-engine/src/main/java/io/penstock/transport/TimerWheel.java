package io.penstock.transport;

import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timers of one loop, coarse and cheap: none fires early, each fires at most one tick (16 ms) and the present turn late.
 *
 * <p>Time is only what the caller says it is, in nanoseconds of one monotonic clock. Arming, re-arming and disarming cost O(1)
 * and allocate nothing.
 */
@WorkerConfined
public final class TimerWheel {
    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);

    // A hashed wheel (Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987, scheme 6): slot = tick modulo
    // SLOTS, each slot a doubly linked list through the timers themselves. A timer armed again for a later time, which
    // is what every byte on a connection does to its timeout, only has its deadline written: it stays where it hangs,
    // and moves on to its true slot when the hand comes by. The invariant is therefore: an armed timer's `tick` is
    // never later than the tick of its deadline.

    /** The resolution: a deadline counts as reached at the first tick that does not lie before it. */
    public static final long TICK_NS = 1L << 24;

    /** About 69 s in one round, so that a keep-alive timeout is looked at once. */
    static final int SLOTS = 4096;

    private static final int TICK_SHIFT = 24;
    private static final int SLOT_MASK = SLOTS - 1;

    /** The list of timers that are being fired; beside the slots, so that a timer can be disarmed out of it too. */
    private static final int FIRING = SLOTS;

    private final @Nullable Timer[] heads = new @Nullable Timer[SLOTS + 1];

    /** A bit for each slot that may hold timers; cleared lazily. */
    private final long[] occupied = new long[SLOTS / Long.SIZE];

    private final long startNs;

    /** The last tick whose timers have been fired. */
    private long currentTick;

    /** A tick before which no timer is due; {@link Long#MAX_VALUE} while none is armed. */
    private long earliestTick = Long.MAX_VALUE;

    private int armed;

    public TimerWheel(long startNs) {
        this.startNs = startNs;
    }

    /** Arms a timer for {@code deadlineNs}, or moves its deadline there if it is armed already. A past deadline fires at the next tick. */
    public void arm(Timer timer, long deadlineNs) {
        timer.deadlineNs = deadlineNs;
        long dueTick = Math.max(tickOf(deadlineNs), currentTick + 1);
        if (timer.slot == Timer.NOT_ARMED) {
            armed++;
            insert(timer, dueTick);
        } else if (timer.slot == FIRING || dueTick < timer.tick) {
            unlink(timer);
            insert(timer, dueTick);
        }
    }

    /** Disarms a timer; of no effect if it is not armed. */
    public void disarm(Timer timer) {
        if (timer.slot != Timer.NOT_ARMED) {
            unlink(timer);
            armed--;
            if (armed == 0) {
                earliestTick = Long.MAX_VALUE;
            }
        }
    }

    /**
     * Fires every timer due at {@code nowNs}. A timer armed meanwhile fires at a later call, whatever its deadline.
     *
     * @return how many fired
     */
    public int advance(long nowNs) {
        long targetTick = (nowNs - startNs) >> TICK_SHIFT;
        if (targetTick <= currentTick) {
            return 0;
        }
        long fromTick = Math.max(currentTick + 1, targetTick - SLOT_MASK);
        currentTick = targetTick;
        if (earliestTick > targetTick) {
            return 0;
        }
        int fired = 0;
        for (long tick = fromTick; tick <= targetTick; tick++) {
            int slot = (int) (tick & SLOT_MASK);
            if ((occupied[slot >> 6] & (1L << slot)) != 0) {
                fired += fire(slot, targetTick, nowNs);
            }
        }
        earliestTick = armed == 0 ? Long.MAX_VALUE : earliestOccupiedAfter(targetTick);
        return fired;
    }

    /** Nanoseconds until {@link #advance} may have something to do: 0 if it has now, {@link Long#MAX_VALUE} while no timer is armed. */
    public long nextDelayNs(long nowNs) {
        if (earliestTick == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        return Math.max(0, startNs + (earliestTick << TICK_SHIFT) - nowNs);
    }

    /** How many timers are armed. */
    public int armedTimers() {
        return armed;
    }

    private int fire(int slot, long targetTick, long nowNs) {
        occupied[slot >> 6] &= ~(1L << slot);
        Timer timer = heads[slot];
        while (timer != null) {
            Timer next = timer.next;
            if (timer.tick > targetTick) {
                // A later round of the wheel.
                occupied[slot >> 6] |= 1L << slot;
            } else {
                unlink(timer);
                long dueTick = tickOf(timer.deadlineNs);
                if (dueTick > targetTick) {
                    insert(timer, dueTick);
                } else {
                    link(timer, FIRING);
                }
            }
            timer = next;
        }
        int fired = 0;
        while ((timer = heads[FIRING]) != null) {
            unlink(timer);
            armed--;
            fired++;
            try {
                timer.expired(nowNs);
            } catch (RuntimeException defect) {
                // The others must not wait for ever, and nobody else would tell of it.
                LOG.error("a timer failed", defect);
            }
        }
        return fired;
    }

    private long earliestOccupiedAfter(long tick) {
        int first = (int) ((tick + 1) & SLOT_MASK);
        // One word more than there are, since the first is looked at from its middle and again up to there.
        for (int i = 0; i <= occupied.length; i++) {
            int word = ((first >> 6) + i) & (occupied.length - 1);
            long bits = occupied[word];
            if (i == 0) {
                bits &= -1L << first;
            }
            if (bits != 0) {
                int slot = (word << 6) + Long.numberOfTrailingZeros(bits);
                return tick + 1 + ((slot - first) & SLOT_MASK);
            }
        }
        return Long.MAX_VALUE;
    }

    private void insert(Timer timer, long dueTick) {
        int slot = (int) (dueTick & SLOT_MASK);
        timer.tick = dueTick;
        occupied[slot >> 6] |= 1L << slot;
        link(timer, slot);
        if (dueTick < earliestTick) {
            earliestTick = dueTick;
        }
    }

    private void link(Timer timer, int slot) {
        Timer head = heads[slot];
        timer.slot = slot;
        timer.next = head;
        if (head != null) {
            head.previous = timer;
        }
        heads[slot] = timer;
    }

    private void unlink(Timer timer) {
        Timer previous = timer.previous;
        Timer next = timer.next;
        if (previous == null) {
            heads[timer.slot] = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        timer.previous = null;
        timer.next = null;
        timer.slot = Timer.NOT_ARMED;
    }

    /** The first tick that does not lie before the deadline. */
    private long tickOf(long deadlineNs) {
        return (deadlineNs - startNs + TICK_NS - 1) >> TICK_SHIFT;
    }
}
