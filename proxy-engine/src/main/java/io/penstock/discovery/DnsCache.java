package io.penstock.discovery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The names that targets are written with, each kept fresh as long as an upstream uses it. Control thread; lookups run
 * elsewhere, at most {@link #LOOKUPS_MAX} at once, and come back by {@link ControlThread#post}.
 */
final class DnsCache {
    /** Lookups under way at once; further ones wait for their turn. */
    static final int LOOKUPS_MAX = 64;

    private final DnsLookup dns;
    private final ControlThread control;
    private final SplittableRandom chance;
    private final Consumer<DnsName> changed;
    private final Map<String, DnsName> names = new TreeMap<>();
    private final Queue<DnsName> queue = new ArrayDeque<>();
    private int lookups;
    private boolean isClosed;

    /**
     * An empty cache.
     *
     * @param changed hears of names in use whose addresses are others than before
     */
    DnsCache(DnsLookup dns, ControlThread control, long seed, Consumer<DnsName> changed) {
        this.dns = dns;
        this.control = control;
        this.chance = new SplittableRandom(seed);
        this.changed = changed;
    }

    // Null if nobody has asked for it.
    @Nullable
    DnsName find(String name) {
        return names.get(name);
    }

    /** Notes that an upstream uses a name, and asks for it if nothing is known. */
    void use(String name, String upstream) {
        entry(name).usedBy().add(upstream);
    }

    /** Notes that an upstream no longer uses a name. */
    void leave(String name, String upstream) {
        DnsName known = names.get(name);
        if (known != null) {
            known.usedBy().remove(upstream);
        }
    }

    /** Runs a task as soon as something, good or bad, is known of a name; at once if it is. */
    void await(String name, Runnable task) {
        DnsName known = entry(name);
        if (known.isKnown()) {
            task.run();
        } else {
            known.await(task);
        }
    }

    /** Asks for a name again, now; its addresses stay in use until there are others. */
    boolean flush(String name) {
        DnsName known = names.get(name);
        if (known == null) {
            return false;
        }
        ask(known);
        return true;
    }

    List<DnsView> views() {
        List<DnsView> views = new ArrayList<>();
        names.values().forEach(name -> views.add(name.view(control.nowNs())));
        return views;
    }

    /** Asks for nothing any more. */
    void close() {
        isClosed = true;
        queue.clear();
    }

    private DnsName entry(String name) {
        DnsName known = names.get(name);
        if (known == null) {
            known = new DnsName(name);
            names.put(name, known);
            ask(known);
        }
        return known;
    }

    private void ask(DnsName name) {
        name.nextSchedule();
        if (!name.isLookingUp() && !isClosed) {
            name.lookingUp();
            queue.add(name);
            askNext();
        }
    }

    private void askNext() {
        while (lookups < LOOKUPS_MAX && !queue.isEmpty()) {
            DnsName name = queue.remove();
            lookups++;
            dns.lookup(name.name())
                    .whenComplete((answer, failure) -> control.post(() -> answered(name, answer, failure)));
        }
    }

    private void answered(DnsName name, @Nullable DnsAnswer answer, @Nullable Throwable failure) {
        lookups--;
        if (isClosed) {
            return;
        }
        List<?> before = name.addresses();
        if (answer != null && !answer.addresses().isEmpty()) {
            name.learned(answer, control.nowNs(), control.now());
        } else {
            name.failed(errorOf(failure), control.nowNs(), control.now());
        }
        askAgainLater(name);
        askNext();
        if (!name.addresses().equals(before)) {
            changed.accept(name);
        }
        name.takeWaiting().forEach(Runnable::run);
    }

    private void askAgainLater(DnsName name) {
        int number = name.nextSchedule();
        Duration delay = name.nextDelay();
        // Up to a tenth later, so that names learned together are not asked for together for ever.
        Duration spread = delay.plusNanos(chance.nextLong(delay.toNanos() / 10 + 1));
        control.after(spread, () -> {
            if (name.isCurrent(number) && !isClosed) {
                if (name.usedBy().isEmpty()) {
                    names.remove(name.name());
                } else {
                    ask(name);
                }
            }
        });
    }

    private static String errorOf(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) {
            return "the name service knows no address of this name";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
