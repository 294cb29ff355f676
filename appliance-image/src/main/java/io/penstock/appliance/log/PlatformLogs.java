package io.penstock.appliance.log;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Sends what the JDK and the admin server's library log into the application log, which is quiet where theirs is not.
 *
 * <p>Found by the JDK through {@code META-INF/services}.
 */
public final class PlatformLogs extends System.LoggerFinder {
    @Override
    public System.Logger getLogger(String name, Module module) {
        return new ToSlf4j(LoggerFactory.getLogger(name));
    }

    private record ToSlf4j(org.slf4j.Logger logger) implements System.Logger {
        @Override
        public String getName() {
            return logger.getName();
        }

        @Override
        public boolean isLoggable(Level level) {
            return level == Level.ALL || (level != Level.OFF && logger.isEnabledForLevel(levelOf(level)));
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                logger.atLevel(levelOf(level)).setCause(thrown).log(message);
            }
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... parameters) {
            if (isLoggable(level)) {
                logger.atLevel(levelOf(level))
                        .log(
                                format == null || parameters == null || parameters.length == 0
                                        ? format
                                        : MessageFormat.format(format, parameters));
            }
        }

        private static org.slf4j.event.Level levelOf(Level level) {
            return switch (level) {
                case ERROR -> org.slf4j.event.Level.ERROR;
                case WARNING -> org.slf4j.event.Level.WARN;
                case INFO -> org.slf4j.event.Level.INFO;
                case DEBUG -> org.slf4j.event.Level.DEBUG;
                case ALL, TRACE, OFF -> org.slf4j.event.Level.TRACE;
            };
        }
    }
}
