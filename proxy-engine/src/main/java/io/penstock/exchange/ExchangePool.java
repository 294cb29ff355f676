package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.spi.Verdict;
import io.penstock.transport.Channel;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.agrona.collections.IntArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchanges of one worker: as many as run at once, which connections and their streams bound, and those that wait for the
 * next. What a burst leaves behind beyond that goes, since an exchange with its buffers is some 10 KB.
 */
@WorkerConfined
public final class ExchangePool {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangePool.class);

    /** So many wait at most. */
    static final int IDLE_MAX = 4096;

    private final ExchangeContext context;

    // By slot: a ticket names its exchange by it.
    private @Nullable Exchange[] all = new Exchange[64];
    private final ArrayDeque<Exchange> idle = new ArrayDeque<>(64);

    // Slots below slotCount whose exchange has gone.
    private final IntArrayList vacant = new IntArrayList();
    private int slotCount;
    private int suspensions;

    /** An empty pool. */
    public ExchangePool(ExchangeContext context) {
        this.context = context;
    }

    /** Takes a fresh exchange for a stream whose head begins to arrive. */
    public Exchange take(DownstreamStream stream) {
        Exchange exchange = idle.pollLast();
        if (exchange == null) {
            int slot = vacantSlot();
            exchange = new Exchange(context, this, slot);
            all[slot] = exchange;
        }
        exchange.attach(stream);
        return exchange;
    }

    private int vacantSlot() {
        if (!vacant.isEmpty()) {
            return vacant.popInt();
        }
        if (slotCount == all.length) {
            all = Arrays.copyOf(all, slotCount * 2);
        }
        return slotCount++;
    }

    /** Tells this suspension from all others of the worker, whoever had the slot before. */
    int nextSuspension() {
        return ++suspensions;
    }

    /**
     * Begins to pass on a connection of a listener.
     *
     * @param ended told once that has ended, perhaps with output that the client has not taken
     */
    public Tunnel tunnel(ListenerRuntime listener, Channel client, Runnable ended) {
        return new Tunnel(context, listener, client, ended);
    }

    void release(Exchange exchange) {
        if (idle.size() < IDLE_MAX) {
            idle.addLast(exchange);
        } else {
            all[exchange.slot()] = null;
            vacant.pushInt(exchange.slot());
        }
    }

    /** Lets a suspended exchange go on; a stale ticket is ignored. A defect of ours ends that exchange, not its caller. */
    public void resume(long ticket, Verdict verdict) {
        int slot = FilterRun.slotOf(ticket);
        Exchange exchange = slot >= 0 && slot < slotCount ? all[slot] : null;
        if (exchange != null) {
            try {
                exchange.resume(ticket, verdict);
            } catch (RuntimeException defect) {
                LOG.error("an exchange failed when it went on", defect);
                exchange.defect();
            }
        }
    }

    /** How many exchanges run now. */
    public int running() {
        return slotCount - vacant.size() - idle.size();
    }

    /** How many bodies are decoded now. */
    public int openCodings() {
        return context.codings().open();
    }
}
