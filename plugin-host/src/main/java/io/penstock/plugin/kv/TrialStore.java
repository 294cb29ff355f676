package io.penstock.plugin.kv;

import io.penstock.mark.WorkerConfined;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** A store that is forgotten with the trial it belongs to: what a trial writes, no traffic ever reads. */
@WorkerConfined
public final class TrialStore implements KeyValues {
    private static final StoreOptions OPTIONS = StoreOptions.in(Path.of(""));

    private final String plugin;
    private final Shelf shelf;

    /** Makes an empty one. */
    public TrialStore(String plugin) {
        this(plugin, System::currentTimeMillis);
    }

    /** Makes an empty one whose entries end by another clock. */
    public TrialStore(String plugin, LongSupplier epochMs) {
        this.plugin = plugin;
        this.shelf = new Shelf(new HeapCells(), OPTIONS, epochMs);
    }

    @Override
    public void ask(Operation operation, Answer answer) {
        shelf.run(plugin, operation, answer);
    }
}
