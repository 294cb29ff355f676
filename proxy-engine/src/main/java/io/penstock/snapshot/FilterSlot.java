package io.penstock.snapshot;

import io.penstock.spi.Filter;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PreparedFilter;
import io.penstock.spi.WorkerId;
import java.nio.charset.StandardCharsets;

/**
 * One entry of a filter chain with an instance for every worker. Made whole on a preparation thread and immutable from
 * then on: the array is shared, but each worker enters only its own element.
 */
public final class FilterSlot {
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
        Filter[] instances = new Filter[workers];
        for (int worker = 0; worker < workers; worker++) {
            try {
                instances[worker] = prepared.open(new WorkerId(worker, workers));
            } catch (FilterRefusedException | RuntimeException refused) {
                for (int opened = 0; opened < worker; opened++) {
                    instances[opened].close();
                }
                throw refused;
            }
        }
        return new FilterSlot(prepared, origin, instances);
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
        for (Filter instance : instances) {
            instance.close();
        }
    }

    /** The instance of one worker; only that worker may enter it. */
    public Filter of(int worker) {
        return instances[worker];
    }
}
