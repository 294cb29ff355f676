package io.penstock.appliance.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.penstock.metrics.SyslogShipper;
import org.slf4j.LoggerFactory;

/** Gives the application log to a collector, beside standard error. */
public final class SyslogEvents extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final int ERROR = 3;
    private static final int WARNING = 4;
    private static final int INFORMATIONAL = 6;
    private static final int DEBUG = 7;

    private final SyslogShipper shipper;

    private SyslogEvents(SyslogShipper shipper) {
        this.shipper = shipper;
        setName("syslog");
    }

    /** From now on, until it is closed. */
    public static SyslogEvents begin(SyslogShipper shipper) {
        SyslogEvents events = new SyslogEvents(shipper);
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            events.setContext(root.getLoggerContext());
            events.start();
            root.addAppender(events);
        }
        return events;
    }

    @Override
    protected void append(ILoggingEvent event) {
        String thrown = event.getThrowableProxy() == null
                ? ""
                : ": " + event.getThrowableProxy().getClassName() + ": "
                        + event.getThrowableProxy().getMessage();
        shipper.event(
                severity(event.getLevel()),
                event.getLevel() + " [" + event.getThreadName() + "] " + event.getLoggerName() + ": "
                        + event.getFormattedMessage() + thrown);
    }

    private static int severity(Level level) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> ERROR;
            case Level.WARN_INT -> WARNING;
            case Level.INFO_INT -> INFORMATIONAL;
            default -> DEBUG;
        };
    }

    @Override
    public void close() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
            root.detachAppender(this);
        }
        stop();
    }
}
