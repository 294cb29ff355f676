package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.admin.secret.SecretVault;
import io.penstock.engine.EngineOptions;
import io.penstock.engine.ProxyEngine;
import io.penstock.plugin.ScriptOptions;
import io.penstock.transport.TransportChoice;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process at a time holds a data folder, and gives it up and takes it again as a whole. */
final class FolderHoldTest {
    private final Clock clock = Clock.systemUTC();
    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    @Test
    void refusesAFolderThatIsHeldAndTakesItOnceItIsLetGo() throws Exception {
        FolderHold first = FolderHold.take(folder);

        assertThatThrownBy(() -> FolderHold.take(folder))
                .isInstanceOfSatisfying(
                        StartFailure.class,
                        refused -> assertThat(refused.kind()).isEqualTo(StartFailure.Kind.FOLDER_IN_USE));
        first.close();

        try (FolderHold second = FolderHold.take(folder)) {
            assertThat(second.folder().path()).isEqualTo(folder);
        }
    }

    @Test
    void hasNoAdminSideBeforeItIsOpened() throws Exception {
        try (FolderHold hold = FolderHold.take(folder)) {
            assertThatIllegalStateException().isThrownBy(hold::side);
        }
    }

    @Test
    void opensWhatItHadGivenUpAroundTheEngineThatRuns() throws Exception {
        try (FolderHold hold = FolderHold.take(folder);
                Plugins plugins = new Plugins(ScriptOptions.DEFAULT.storingIn(folder));
                ProxyEngine engine =
                        ProxyEngine.start(EngineOptions.of(1, TransportChoice.NIO, folder.resolve("log"), "test"))) {
            SecretVault vault = SecretVault.open(hold.folder(), clock, random);
            EngineWindow window = new EngineWindow(engine, plugins);
            AdminSide before = hold.open(vault, plugins, clock, random);
            before.serve(engine, window, Optional.empty());

            hold.giveUp();
            FolderHold.take(folder).close();
            AdminSide again = hold.takeAgain(engine, window);

            assertThat(again).isNotSameAs(before).isSameAs(hold.side());
            assertThat(again.pipeline().current().revision()).isPositive();
            hold.giveUp();
            hold.giveUp();
        }
    }
}
