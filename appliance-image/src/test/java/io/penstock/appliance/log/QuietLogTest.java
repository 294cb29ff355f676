package io.penstock.appliance.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.Test;

/** What is left out of the application log where nobody asked for more than warnings. */
final class QuietLogTest {
    private static final String INTERFACES = "io.netty.util.NetUtilInitializations";

    private static LoggerContext shown(Level level) {
        LoggerContext context = new LoggerContext();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(level);
        QuietLog.quieten(context, level);
        return context;
    }

    @Test
    void saysNothingOfAGuessOnAMachineWithoutNetwork() {
        LoggerContext context = shown(Level.WARN);

        assertThat(context.getLogger(INTERFACES).isWarnEnabled()).isFalse();
        assertThat(context.getLogger(INTERFACES).isErrorEnabled()).isTrue();
        assertThat(context.getLogger("io.netty.util.NetUtil").isWarnEnabled()).isTrue();
    }

    @Test
    void hidesNothingFromWhoeverAsksForMore() {
        assertThat(shown(Level.INFO).getLogger(INTERFACES).isWarnEnabled()).isTrue();
    }
}
