package io.penstock.appliance;

import io.penstock.admin.AdminRefused;
import io.penstock.admin.StatusServer;
import io.penstock.appliance.command.BuildVersion;
import io.penstock.engine.EngineOptions;
import io.penstock.engine.KeySeed;
import io.penstock.engine.ProxyEngine;
import io.penstock.spi.CredentialSecrets;
import io.penstock.transport.InheritedSockets;
import io.penstock.transport.TransportRefused;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The engine and the status port in the making, on a thread of their own: a start is mostly the loading of classes, and
 * these need nothing of the store and the documents that are opened meanwhile. Measured on two idle cores: 2.9 s to ready
 * one after the other, 2.2 s side by side.
 */
final class EngineStart implements AutoCloseable {
    private final CompletableFuture<Started> started = new CompletableFuture<>();
    private boolean isTaken;

    /** What came of it; the caller closes both, the status port first. That one is absent where an engine takes another's place. */
    record Started(ProxyEngine engine, EngineWindow window, Optional<StatusServer> status) {}

    private EngineStart() {}

    /** Begins. The data folder is held already. */
    static EngineStart begin(
            BootConfig boot,
            Path logFolder,
            KeySeed seed,
            Plugins plugins,
            CredentialSecrets credentials,
            Optional<InheritedSockets> inherited) {
        EngineStart start = new EngineStart();
        Thread.ofPlatform()
                .name("penstock-start")
                .daemon()
                .start(() -> start.run(boot, logFolder, seed, plugins, credentials, inherited));
        return start;
    }

    private void run(
            BootConfig boot,
            Path logFolder,
            KeySeed seed,
            Plugins plugins,
            CredentialSecrets credentials,
            Optional<InheritedSockets> inherited) {
        try {
            started.complete(open(boot, logFolder, seed, plugins, credentials, inherited));
        } catch (AdminRefused | TransportRefused refused) {
            started.completeExceptionally(
                    new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused));
        } catch (Throwable failed) {
            // Handed to the one who waits, an Error too: this thread has nobody else to tell.
            started.completeExceptionally(failed);
        }
    }

    private static Started open(
            BootConfig boot,
            Path logFolder,
            KeySeed seed,
            Plugins plugins,
            CredentialSecrets credentials,
            Optional<InheritedSockets> inherited)
            throws AdminRefused, TransportRefused {
        ProxyEngine engine =
                ProxyEngine.start(EngineOptions.of(boot.workers(), boot.transport(), logFolder, BuildVersion.text())
                        .on(boot.cores())
                        .at(boot.locality())
                        .keyedBy(seed)
                        .keepingIn(boot.dataFolder())
                        .with(List.of(plugins))
                        .with(credentials)
                        .inheriting(inherited));
        boolean isOpen = false;
        try {
            EngineWindow window = new EngineWindow(engine, plugins);
            // Whoever asks there is to hear of an engine that is ready: the one whose place this takes answers until
            // then.
            Optional<StatusServer> status =
                    inherited.isPresent() ? Optional.empty() : Optional.of(new StatusServer(window, boot.status()));
            Started both = new Started(engine, window, status);
            isOpen = true;
            return both;
        } finally {
            if (!isOpen) {
                engine.close();
            }
        }
    }

    /**
     * Waits for it.
     *
     * @throws StartFailure if it could not be started; nothing of it is open then
     */
    Started take() throws StartFailure {
        isTaken = true;
        try {
            return started.join();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case StartFailure failure -> throw failure;
                case RuntimeException defect -> throw defect;
                case Error error -> throw error;
                case null, default -> throw failed;
            }
        }
    }

    /** Closes what was begun and never taken. */
    @Override
    public void close() {
        if (!isTaken) {
            started.thenAccept(both -> {
                        both.status().ifPresent(StatusServer::close);
                        both.engine().close();
                    })
                    .exceptionally(told -> null)
                    .join();
        }
    }
}
