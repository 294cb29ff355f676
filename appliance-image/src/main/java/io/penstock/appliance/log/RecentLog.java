package io.penstock.appliance.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/** The last lines of the application log, kept for a support bundle: standard error may have gone anywhere. */
public final class RecentLog extends AppenderBase<ILoggingEvent> {
    private static final String NAME = "recent";
    private static final int LINES_MAX = 500;
    private static final int LINE_CHARS_MAX = 8192;

    private final PatternLayoutEncoder encoder;

    // Guarded by this.
    private final Deque<String> kept = new ArrayDeque<>();

    RecentLog(PatternLayoutEncoder encoder) {
        this.encoder = encoder;
        setName(NAME);
    }

    /** Those of this process, oldest first; none where another configuration of the log has taken the place of ours. */
    public static List<String> lines() {
        return LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
                        && root.getAppender(NAME) instanceof RecentLog recent
                ? recent.kept()
                : List.of();
    }

    private synchronized List<String> kept() {
        return List.copyOf(kept);
    }

    @Override
    protected void append(ILoggingEvent event) {
        String line = new String(encoder.encode(event), StandardCharsets.UTF_8).stripTrailing();
        String cut = line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) : line;
        synchronized (this) {
            if (kept.size() == LINES_MAX) {
                kept.removeFirst();
            }
            kept.addLast(cut);
        }
    }
}
