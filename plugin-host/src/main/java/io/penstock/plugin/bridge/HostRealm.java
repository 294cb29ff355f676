package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.FilterWorker.Scheduled;
import java.net.IDN;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/** What a context has beside its hooks: a clock, timers, a console, requests of its own. */
@WorkerConfined
public final class HostRealm {
    /** Timers that wait in one context. */
    static final int TIMERS_MAX = 10_000;

    private static final long MS = 1_000_000;
    private static final long DELAY_MS_MAX = 24L * 3600 * 1000;

    private final ScriptHost host;
    private final long startNs;
    private final HostFetch fetch;
    private final HostCrypto crypto;
    private final Map<Integer, Timer> timers = new HashMap<>();
    private int lastTimer;
    private @Nullable ScriptCall current;

    private record Timer(Scheduled scheduled, @Nullable ScriptCall owner) {}

    /** Makes the realm of one context. */
    public HostRealm(ScriptHost host, int subrequestsMax) {
        this.host = host;
        this.startNs = host.nowNs();
        this.fetch = new HostFetch(host, this, subrequestsMax);
        this.crypto = new HostCrypto(host, this);
    }

    /** Says whose call is running, so that lines and requests are its; null for none. */
    public void current(@Nullable ScriptCall call) {
        current = call;
    }

    @Nullable
    ScriptCall current() {
        return current;
    }

    /** Forgets all timers: the context is closed. */
    public void close() {
        timers.values().forEach(timer -> timer.scheduled().cancel());
        timers.clear();
    }

    /** Forgets the timers that a call has started. Not inside the script. */
    public void forget(ScriptCall owner) {
        timers.values().removeIf(timer -> {
            boolean isIts = timer.owner() == owner;
            if (isIts) {
                timer.scheduled().cancel();
            }
            return isIts;
        });
    }

    /** How long something that others wait for may take. */
    @HostAccess.Export
    public double wallMs() {
        return host.grants().wallNs() / 1e6;
    }

    @HostAccess.Export
    public double nowMs() {
        return (host.nowNs() - startNs) / 1e6;
    }

    /** Whether scripts read another clock than the day's. */
    public boolean hasOwnClock() {
        return !Double.isNaN(host.ownEpochMs());
    }

    /** Milliseconds since 1970 by that clock. */
    @HostAccess.Export
    public double epochMs() {
        return host.ownEpochMs();
    }

    @HostAccess.Export
    public void log(String level, String text) {
        ScriptCall call = current;
        if (call == null) {
            host.log(level, "", text);
        } else {
            call.log(level, text);
        }
    }

    /** Tells of an exception that nobody waits for. */
    @HostAccess.Export
    public void background(String description) {
        log("error", description);
    }

    @HostAccess.Export
    public int timer(Value callback, double delayMs, boolean isRepeating) {
        if (timers.size() >= TIMERS_MAX) {
            throw new IllegalStateException("more than " + TIMERS_MAX + " timers wait in this context");
        }
        int id = ++lastTimer;
        long delayNs = ((long) Math.clamp(delayMs, isRepeating ? 1 : 0, DELAY_MS_MAX)) * MS;
        start(id, callback, delayNs, isRepeating, current);
        return id;
    }

    private void start(int id, Value callback, long delayNs, boolean isRepeating, @Nullable ScriptCall call) {
        Scheduled scheduled = host.schedule(delayNs, call, () -> {
            timers.remove(id);
            if (isRepeating) {
                start(id, callback, delayNs, true, call);
            }
            callback.executeVoid();
        });
        timers.put(id, new Timer(scheduled, call));
    }

    @HostAccess.Export
    public void clearTimer(int id) {
        Timer timer = timers.remove(id);
        if (timer != null) {
            timer.scheduled().cancel();
        }
    }

    @HostAccess.Export
    @Nullable
    public OpenFetch fetch(String method, String url, Value pairs, Value body, Value resolve, Value reject) {
        return fetch.send(method, url, pairs, body, resolve, reject);
    }

    /** The ASCII form of a host name; null if it has none. */
    @HostAccess.Export
    @Nullable
    public String domainToAscii(String name) {
        try {
            return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException refused) {
            return null;
        }
    }

    @HostAccess.Export
    public HostCrypto crypto() {
        return crypto;
    }
}
