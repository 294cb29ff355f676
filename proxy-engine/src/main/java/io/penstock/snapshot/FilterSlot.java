package io.penstock.snapshot;

import io.penstock.spi.Filter;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One entry of a filter chain with an instance for every worker. Made whole on a preparation thread and immutable from
 * then on: the array is shared, but each worker enters only its own element.
 */
public final class FilterSlot {
    private static final Logger LOG = LoggerFactory.getLogger(FilterSlot.class);

    private final PreparedFilter prepared;
    private final String origin;
    private final byte[] nameBytes;
    private final Filter[] instances;

    private FilterSlot(PreparedFilter prepared, String origin, Filter[] instances) {
        this.prepared = prepared;
        this.nameBytes = prepared.name().getBytes(StandardCharsets.UTF_8);
        this.origin = origin;
        this.instances = instances;
    }

    /**
     * Opens one instance per worker; those already opened are closed again if one refuses.
     *
     * @param origin which level of the config the entry came from, e.g. {@code route orders}
     * @throws FilterRefusedException if the filter cannot run
     */
    public static FilterSlot open(PreparedFilter prepared, String origin, int workers) throws FilterRefusedException {
        FilterSlot slot = new FilterSlot(prepared, origin, new Filter[workers]);
        for (int worker = 0; worker < workers; worker++) {
            try {
                slot.instances[worker] = prepared.open(new WorkerId(worker, workers));
            } catch (FilterRefusedException | RuntimeException | Error refused) {
                for (int opened = 0; opened < worker; opened++) {
                    slot.close(opened);
                }
                throw refused;
            }
        }
        return slot;
    }

    /** What the filter is, shared by its instances. */
    public PreparedFilter prepared() {
        return prepared;
    }

    /** The filter's name as bytes, for the trail; not to be written to. */
    public byte[] nameBytes() {
        return nameBytes;
    }

    /** Which level of the config the entry came from. */
    public String origin() {
        return origin;
    }

    /** Closes all instances of a slot that no worker has ever seen. */
    void closeUnused() {
        for (int worker = 0; worker < instances.length; worker++) {
            close(worker);
        }
    }

    /** Closes the instance of one worker, once. Does not fail: adopting a snapshot may not, and others wait to be closed. */
    void close(int worker) {
        try {
            instances[worker].close();
        } catch (RuntimeException defect) {
            LOG.warn("filter {} of {} failed when worker {} let go of it", prepared.name(), origin, worker, defect);
        }
    }

    /** The instance of one worker; only that worker may enter it. */
    public Filter of(int worker) {
        return instances[worker];
    }
}
