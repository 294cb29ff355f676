package io.penstock.limit;

import io.penstock.mark.SharedByWorkers;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The {@link Circuit} of each upstream by its name. The control thread gives and retires them; workers hold those of their
 * upstreams and never ask here.
 */
@SharedByWorkers
public final class Circuits {
    private final Map<String, Circuit> byName = new HashMap<>();

    /** The circuit of an upstream, the same until {@link #retire}. Control thread. */
    public synchronized Circuit of(String upstream) {
        return byName.computeIfAbsent(upstream, any -> new Circuit());
    }

    /** The circuit of an upstream; empty if it is in no plan. Any thread but a worker. */
    public synchronized Optional<Circuit> find(String upstream) {
        return Optional.ofNullable(byName.get(upstream));
    }

    /** Tells every circuit by the name of its upstream. Any thread but a worker; {@code told} must not ask here. */
    public synchronized void forEach(BiConsumer<String, Circuit> told) {
        byName.forEach(told);
    }

    /** Forgets an upstream that is in no plan any more; unknown names are ignored. Control thread. */
    public synchronized void retire(String upstream) {
        byName.remove(upstream);
    }
}
