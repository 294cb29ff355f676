package io.penstock.plugin.kv;

import io.penstock.mark.WorkerConfined;
import java.nio.file.Path;

/** A store that is forgotten with the trial it belongs to: what a trial writes, no traffic ever reads. */
@WorkerConfined
public final class TrialStore implements KeyValues {
    private static final StoreOptions OPTIONS = StoreOptions.in(Path.of(""));

    private final String plugin;
    private final Shelf shelf = new Shelf(new HeapCells(), OPTIONS, System::currentTimeMillis);

    /** Makes an empty one. */
    public TrialStore(String plugin) {
        this.plugin = plugin;
    }

    @Override
    public void ask(Operation operation, Answer answer) {
        shelf.run(plugin, operation, answer);
    }
}
