package io.penstock.plugin;

import io.penstock.mark.SharedByWorkers;
import io.penstock.spi.PluginLibrary.PluginLogLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.LongSupplier;

/**
 * The last lines that the versions of one plugin wrote. Bounded in lines, in the length of a line, and in lines a second;
 * what is above the rate is dropped and counted, so that a plugin that logs each request costs the workers little.
 */
@SharedByWorkers
final class PluginLog {
    static final int LINES_MAX = 1_000;
    static final int CHARS_MAX = 4_000;
    static final int LINES_PER_SECOND = 200;
    static final int SECRETS_MAX = 1_000;

    private final LongSupplier epochMs;
    private final Deque<PluginLogLine> lines = new ArrayDeque<>();
    private final CopyOnWriteArraySet<String> secrets = new CopyOnWriteArraySet<>();
    private long second;
    private int inSecond;
    private long dropped;

    PluginLog(LongSupplier epochMs) {
        this.epochMs = epochMs;
    }

    /** Shows texts to nobody from now on, not those of old settings either. */
    void hide(List<String> texts) {
        for (String text : texts) {
            if (Hidden.isLongEnough(text) && secrets.size() < SECRETS_MAX) {
                secrets.add(text);
            }
        }
    }

    /** A text without the secrets in it. */
    String shown(String text) {
        return secrets.isEmpty() ? text : Hidden.in(text, secrets);
    }

    // A lock, and on a worker: held for the time of two assignments, taken only by plugins that write lines.
    synchronized void add(String level, String requestId, String text) {
        long now = epochMs.getAsLong();
        if (now / 1_000 != second) {
            second = now / 1_000;
            inSecond = 0;
        }
        if (++inSecond > LINES_PER_SECOND) {
            dropped++;
            return;
        }
        if (lines.size() == LINES_MAX) {
            lines.removeFirst();
        }
        String shown = shown(text);
        String bounded = shown.length() > CHARS_MAX ? shown.substring(0, CHARS_MAX) + "..." : shown;
        lines.addLast(new PluginLogLine(now, level, requestId, bounded));
    }

    /** The newest lines, oldest of them first. */
    synchronized List<PluginLogLine> last(int count) {
        List<PluginLogLine> all = new ArrayList<>(lines);
        return List.copyOf(all.subList(Math.max(0, all.size() - count), all.size()));
    }

    /** Lines above the rate, since the start. */
    synchronized long dropped() {
        return dropped;
    }
}
