package io.penstock.plugin.kv;

import io.penstock.mark.WorkerConfined;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One worker's view of a plugin's store: hands operations on, brings the answers back to the worker, and remembers the
 * values it saw, so that a hook may look at one without waiting.
 *
 * <p>A value is remembered for {@link #STALE_NS}. One that is looked at when half of that is over is asked for again
 * meanwhile, so that a value that is looked at often is always there.
 */
@WorkerConfined
public final class WorkerStore implements KeyValues {
    /** A value that was read longer ago is forgotten. */
    static final long STALE_NS = 1_000_000_000L;

    /** Values remembered. */
    static final int ENTRIES_MAX = 1_000;

    /** Characters of keys and values remembered. */
    static final int CHARS_MAX = 1 << 20;

    private final KeyValues store;
    private final Executor worker;
    private final LongSupplier clock;
    private final LinkedHashMap<Place, Remembered> remembered = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Place, Boolean> asked = new HashMap<>();
    private int chars;

    private record Place(String namespace, String key) {}

    private record Remembered(@Nullable String value, long readNs) {}

    /**
     * Makes one that remembers nothing.
     *
     * @param worker runs a task on the worker; any thread calls it
     */
    public WorkerStore(KeyValues store, Executor worker, LongSupplier clock) {
        this.store = store;
        this.worker = worker;
        this.clock = clock;
    }

    /** The value of a key as it was at most a second ago; null if there was none or the worker does not know. */
    @Nullable
    public String peek(String namespace, String key) {
        Place place = new Place(namespace, key);
        Remembered found = remembered.get(place);
        long ageNs = found == null ? Long.MAX_VALUE : clock.getAsLong() - found.readNs();
        if (ageNs > STALE_NS / 2 && asked.size() < ENTRIES_MAX && asked.putIfAbsent(place, true) == null) {
            ask(new Operation.Get(namespace, key), new Answer() {
                @Override
                public void done(@Nullable String value) {
                    asked.remove(place);
                }

                @Override
                public void refused(String why) {
                    asked.remove(place);
                }
            });
        }
        return found == null || ageNs > STALE_NS ? null : found.value();
    }

    /** {@inheritDoc} The answer comes on the worker. */
    @Override
    public void ask(Operation operation, Answer answer) {
        long askedNs = clock.getAsLong();
        store.ask(operation, new Answer() {
            @Override
            public void done(@Nullable String value) {
                worker.execute(() -> {
                    remember(operation, value, askedNs);
                    answer.done(value);
                });
            }

            @Override
            public void refused(String why) {
                worker.execute(() -> answer.refused(why));
            }
        });
    }

    // The store answers in the order it was asked, so that a later answer is the later state; it was true at some time
    // after the asking, so that its age counts from there.
    private void remember(Operation operation, @Nullable String answer, long askedNs) {
        switch (operation) {
            case Operation.Get get -> keep(get.namespace(), get.key(), answer, askedNs);
            case Operation.Put put -> keep(put.namespace(), put.key(), put.value(), askedNs);
            case Operation.Delete delete -> keep(delete.namespace(), delete.key(), null, askedNs);
            case Operation.Incr incr -> keep(incr.namespace(), incr.key(), answer, askedNs);
            case Operation.Cas cas -> {
                if ("true".equals(answer)) {
                    keep(cas.namespace(), cas.key(), cas.value(), askedNs);
                } else {
                    forget(new Place(cas.namespace(), cas.key()));
                }
            }
            case Operation.List list -> {}
        }
    }

    private void keep(String namespace, String key, @Nullable String value, long readNs) {
        Place place = new Place(namespace, key);
        forget(place);
        remembered.put(place, new Remembered(value, readNs));
        chars += charsOf(place, value);
        Iterator<Map.Entry<Place, Remembered>> eldest = remembered.entrySet().iterator();
        while ((remembered.size() > ENTRIES_MAX || chars > CHARS_MAX) && eldest.hasNext()) {
            Map.Entry<Place, Remembered> goes = eldest.next();
            chars -= charsOf(goes.getKey(), goes.getValue().value());
            eldest.remove();
        }
    }

    private void forget(Place place) {
        Remembered old = remembered.remove(place);
        if (old != null) {
            chars -= charsOf(place, old.value());
        }
    }

    private static int charsOf(Place place, @Nullable String value) {
        return place.namespace().length() + place.key().length() + (value == null ? 0 : value.length());
    }
}
