package io.penstock.appliance.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.Logger;

/**
 * Sets the application log up: warnings and errors on standard error, more of it by {@code PENSTOCK_LOG}. In code, since
 * reading XML would cost a tenth of a second at every start. A file named by {@code -Dlogback.configurationFile} wins.
 *
 * <p>Found by logback through {@code META-INF/services}.
 */
@ConfiguratorRank(value = ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class QuietLog extends ContextAwareBase implements Configurator {
    private static final String INTERFACES = "io.netty.util.NetUtilInitializations";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level [%thread] %logger{24}: %msg%n");
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setName("console");
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level(System.getenv().getOrDefault("PENSTOCK_LOG", "")));
        quieten(context, root.getLevel());
        root.addAppender(console);
        RecentLog recent = new RecentLog(encoder);
        recent.setContext(context);
        recent.start();
        root.addAppender(recent);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    // Where a machine shows no network interface, as in a sandbox, this class warns twice, with a stack trace, that it
    // guesses what the loopback address is. Nothing here goes by that guess, and what cannot be bound or reached is
    // told
    // where that fails. Whoever asks for more than warnings sees it.
    static void quieten(LoggerContext context, Level shown) {
        if (shown.isGreaterOrEqual(Level.WARN)) {
            context.getLogger(INTERFACES).setLevel(Level.ERROR);
        }
    }

    private static Level level(String wanted) {
        return Level.toLevel(wanted.toUpperCase(Locale.ROOT), Level.WARN);
    }
}
