package io.penstock.appliance;

import io.penstock.admin.revision.ConfigTarget;
import io.penstock.config.ProxyConfig;
import io.penstock.engine.Adoption;
import io.penstock.engine.Preparation;
import io.penstock.engine.ProxyEngine;
import java.util.concurrent.CompletionStage;

/** The engine as the revision pipeline sees it: what runs a configuration. */
final class EngineTarget implements ConfigTarget {
    private final ProxyEngine engine;

    EngineTarget(ProxyEngine engine) {
        this.engine = engine;
    }

    private record InEngine(io.penstock.engine.Prepared prepared) implements Prepared {}

    @Override
    public PrepareResult prepare(ProxyConfig config) {
        return switch (engine.prepare(config)) {
            case Preparation.Ready ready -> new Ready(new InEngine(ready.prepared()), ready.warnings());
            case Preparation.Refused refused -> new NotReady(refused.problems());
        };
    }

    @Override
    public Publication publish(Prepared prepared, long revision) {
        return new InEngineAdoption(engine.publish(inEngine(prepared), revision));
    }

    @Override
    public void discard(Prepared prepared) {
        engine.discard(inEngine(prepared));
    }

    private static io.penstock.engine.Prepared inEngine(Prepared prepared) {
        if (prepared instanceof InEngine ours) {
            return ours.prepared();
        }
        throw new IllegalArgumentException("this configuration was prepared elsewhere: " + prepared);
    }

    private record InEngineAdoption(Adoption adoption) implements Publication {
        @Override
        public CompletionStage<Void> active() {
            return adoption.active();
        }

        @Override
        public int pendingWorkers() {
            return adoption.pendingWorkers();
        }
    }
}
