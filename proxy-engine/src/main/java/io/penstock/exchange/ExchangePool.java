package io.penstock.exchange;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.spi.Verdict;
import io.penstock.transport.Channel;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchanges of one worker. Grows to the most that ever ran at once, which connections and their streams bound, and
 * keeps all of them, so that a slot number names one object for good.
 */
@WorkerConfined
public final class ExchangePool {
    private static final Logger LOG = LoggerFactory.getLogger(ExchangePool.class);

    private final ExchangeContext context;
    private Exchange[] all = new Exchange[64];
    private Exchange[] free = new Exchange[64];
    private int created;
    private int freeCount;

    /** An empty pool. */
    public ExchangePool(ExchangeContext context) {
        this.context = context;
    }

    /** Takes a fresh exchange for a stream whose head begins to arrive. */
    public Exchange take(DownstreamStream stream) {
        Exchange exchange;
        if (freeCount > 0) {
            exchange = free[--freeCount];
        } else {
            if (created == all.length) {
                all = Arrays.copyOf(all, created * 2);
                free = Arrays.copyOf(free, created * 2);
            }
            exchange = new Exchange(context, this, created);
            all[created++] = exchange;
        }
        exchange.attach(stream);
        return exchange;
    }

    /** Begins to pass on a connection of a listener. */
    public Tunnel tunnel(ListenerRuntime listener, Channel client) {
        return new Tunnel(context, listener, client);
    }

    void release(Exchange exchange) {
        free[freeCount++] = exchange;
    }

    /** Lets a suspended exchange go on; a stale ticket is ignored. A defect of ours ends that exchange, not its caller. */
    public void resume(long ticket, Verdict verdict) {
        int slot = FilterRun.slotOf(ticket);
        if (slot >= 0 && slot < created) {
            try {
                all[slot].resume(ticket, verdict);
            } catch (RuntimeException defect) {
                LOG.error("an exchange failed when it went on", defect);
                all[slot].defect();
            }
        }
    }

    /** How many exchanges run now. */
    public int running() {
        return created - freeCount;
    }

    /** How many bodies are decoded now. */
    public int openCodings() {
        return context.codings().open();
    }
}
