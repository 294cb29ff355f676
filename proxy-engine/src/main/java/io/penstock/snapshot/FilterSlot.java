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

    /** Bits of {@link #hooks()}. */
    public static final int REQUEST = 1;

    public static final int UPSTREAM_REQUEST = 1 << 1;
    public static final int REQUEST_BODY = 1 << 2;
    public static final int RESPONSE = 1 << 3;
    public static final int RESPONSE_BODY = 1 << 4;
    public static final int TRAILERS = 1 << 5;
    public static final int ERROR = 1 << 6;
    public static final int END = 1 << 7;

    /** Of a filter whose hooks are not counted here. */
    public static final int NO_SERIES = -1;

    private final PreparedFilter prepared;
    private final int hooks;
    private final String origin;
    private final byte[] nameBytes;
    private final Filter[] instances;
    private final int seriesId;

    private FilterSlot(PreparedFilter prepared, String origin, Filter[] instances, int seriesId) {
        this.prepared = prepared;
        this.hooks = hooksOf(prepared);
        this.nameBytes = prepared.name().getBytes(StandardCharsets.UTF_8);
        this.origin = origin;
        this.instances = instances;
        this.seriesId = seriesId;
    }

    /**
     * Opens one instance per worker; those already opened are closed again if one refuses.
     *
     * @param origin which level of the config the entry came from, e.g. {@code route orders}
     * @param seriesId under which its hooks are counted, or {@link #NO_SERIES}
     * @throws FilterRefusedException if the filter cannot run
     */
    static FilterSlot open(PreparedFilter prepared, String origin, int workers, int seriesId)
            throws FilterRefusedException {
        FilterSlot slot = new FilterSlot(prepared, origin, new Filter[workers], seriesId);
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

    private static int hooksOf(PreparedFilter filter) {
        return (filter.hasRequestHook() ? REQUEST : 0)
                | (filter.hasUpstreamRequestHook() ? UPSTREAM_REQUEST : 0)
                | (filter.hasRequestBodyHook() ? REQUEST_BODY : 0)
                | (filter.hasResponseHook() ? RESPONSE : 0)
                | (filter.hasResponseBodyHook() ? RESPONSE_BODY : 0)
                | (filter.hasTrailersHook() ? TRAILERS : 0)
                | (filter.hasErrorHook() ? ERROR : 0)
                | (filter.hasLogHook() ? END : 0);
    }

    /** Which hooks it has: one field, since every exchange asks for each of them. */
    public int hooks() {
        return hooks;
    }

    /** Under which its first hook is counted, and the others after it; negative if they are not. */
    public int seriesId() {
        return seriesId;
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
