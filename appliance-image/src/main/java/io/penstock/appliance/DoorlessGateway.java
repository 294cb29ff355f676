package io.penstock.appliance;

import io.penstock.admin.resource.EnginePort;
import io.penstock.admin.revision.ConfigTarget;
import io.penstock.admin.secret.SecretVault;
import io.penstock.admin.secret.VaultRefused;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.StoreRecovery;
import io.penstock.appliance.command.BuildVersion;
import io.penstock.config.ProxyConfig;
import io.penstock.engine.EngineOptions;
import io.penstock.engine.Preparation;
import io.penstock.engine.ProxyEngine;
import io.penstock.engine.SampleRefusedException;
import io.penstock.plugin.ScriptOptions;
import io.penstock.transport.TransportChoice;
import io.penstock.transport.TransportRefused;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A gateway that opens a data folder, and prepares what is stored there as a start would, and then serves nobody: it says what it would do. No
 * listener, no admin API, no status port; it asks no name, no endpoint and no authority for anything. One thread opens and closes it.
 */
final class DoorlessGateway implements AutoCloseable {
    private final OpenParts parts = new OpenParts();
    private final ProxyEngine engine;
    private final Stage stage;
    private final long revision;
    private final Optional<StoreRecovery> recovery;

    /**
     * Opens everything. The folder stays the caller's, and what is in it may be changed as by a start.
     *
     * @throws StartFailure if a start would fail by what is stored
     */
    DoorlessGateway(DataFolder folder) throws StartFailure {
        Clock clock = Clock.systemUTC();
        SecureRandom random = new SecureRandom();
        boolean isOpen = false;
        try {
            Plugins plugins = parts.add(new Plugins(ScriptOptions.DEFAULT.storingIn(folder.path())));
            SecretVault vault = SecretVault.open(folder, clock, random);
            this.engine = parts.add(ProxyEngine.startForRehearsals(
                    EngineOptions.of(1, TransportChoice.NIO, folder.path().resolve("log"), BuildVersion.text())
                            .keyedBy(SeedFile.open(folder, random))
                            .with(List.of(plugins))
                            .with(new EngineSecrets(vault.credentials(), plugins::secret))));
            AdminSide side = parts.add(new AdminSide(folder, vault, plugins, clock, random));
            this.recovery = side.recovery();
            this.stage = new Stage(engine);
            this.revision = side.rehearse(stage);
            isOpen = true;
        } catch (VaultRefused | TransportRefused refused) {
            throw new StartFailure(StartFailure.Kind.OTHER, String.valueOf(refused.getMessage()), refused);
        } finally {
            if (!isOpen) {
                parts.close();
            }
        }
    }

    /** The revision that a start would serve. */
    long revision() {
        return revision;
    }

    /** What had to be done about a damaged store, and a start would do too. */
    Optional<StoreRecovery> recovery() {
        return recovery;
    }

    /** What would become of a request; empty if it could not come. */
    Optional<EnginePort.DecisionView> decision(EnginePort.ExplainQuery query) {
        try {
            return Optional.of(EnginePort.DecisionView.of(
                    EngineWindow.shown(engine.readings().explain(stage.present(), EngineWindow.asked(query)))));
        } catch (SampleRefusedException noSuchListener) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        parts.close();
    }

    /** The engine as the target of a start that ends before its last step: what would be published is kept prepared. */
    private static final class Stage implements ConfigTarget {
        private final ProxyEngine engine;

        // Null until something is prepared.
        private io.penstock.engine.@Nullable Prepared kept;

        Stage(ProxyEngine engine) {
            this.engine = engine;
        }

        private record Rehearsed(io.penstock.engine.Prepared prepared) implements Prepared {}

        io.penstock.engine.Prepared present() {
            if (kept == null) {
                throw new IllegalStateException("nothing is prepared");
            }
            return kept;
        }

        @Override
        public PrepareResult prepare(ProxyConfig config) {
            return switch (engine.rehearse(config)) {
                case Preparation.Ready ready -> {
                    kept = ready.prepared();
                    yield new Ready(new Rehearsed(ready.prepared()), ready.warnings());
                }
                case Preparation.Refused refused -> new NotReady(refused.problems());
            };
        }

        @Override
        public Publication publish(Prepared prepared, long revision) {
            return new Publication() {
                @Override
                public CompletionStage<Void> active() {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public int pendingWorkers() {
                    return 0;
                }
            };
        }

        @Override
        public void discard(Prepared prepared) {
            if (prepared instanceof Rehearsed(io.penstock.engine.Prepared ours)) {
                engine.discard(ours);
                kept = null;
            }
        }
    }
}
