package io.penstock.snapshot;

import io.penstock.config.ConfigDiff;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ListenerConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceChange;
import io.penstock.config.ResourceType;
import io.penstock.limit.PermitTable;
import io.penstock.metrics.SeriesNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The listeners that are current, their ids and names, and what becomes of them in a draft. Control thread only. */
final class CompiledListeners {
    private final ListenerCompiler compiler;
    private final TlsCompiler tls;
    private final SeriesNames names;
    private final DenseIds ids = new DenseIds();
    private final Map<String, Integer> idByName = new HashMap<>();
    private DenseTable<ListenerRuntime> current = DenseTable.empty();

    CompiledListeners(PermitTable permits, SeriesNames names, TlsCompiler tls) {
        this.compiler = new ListenerCompiler(permits);
        this.tls = tls;
        this.names = names;
    }

    DenseTable<ListenerRuntime> current() {
        return current;
    }

    /** The id of a listener that the validator has seen. */
    int idOf(String name) {
        Integer id = idByName.get(name);
        if (id == null) {
            throw new IllegalStateException(
                    "listener \"" + name + "\" has no id; the validator should have refused it");
        }
        return id;
    }

    /**
     * Compiles what differs: listeners that changed, and those that show their clients something else.
     *
     * @param changes takes what does
     * @param problems takes what cannot be shown
     */
    DenseTable<ListenerRuntime> compile(
            ConfigDiff diff,
            ProxyConfig after,
            List<SnapshotDraft.ListenerChange> changes,
            List<ConfigProblem> problems) {
        if (!TlsCompiler.concerns(diff)) {
            return current;
        }
        Map<String, ShownNames> shown = tls.compile(after, problems);
        DenseTable.Edit<ListenerRuntime> edit = current.edit();
        Set<String> changed = new HashSet<>();
        for (ResourceChange change : diff.changes()) {
            if (change.ref().type().equals(Optional.of(ResourceType.LISTENERS))) {
                String name = change.ref().name();
                changed.add(name);
                changes.add(compile(name, change.after(), shown.get(name), edit));
            }
        }
        shown.forEach((name, names) -> {
            Integer id = idByName.get(name);
            ListenerRuntime present = id == null ? null : current.get(id);
            if (!changed.contains(name) && present != null && !names.equals(present.tls())) {
                changes.add(compile(name, Optional.of(present.config()), names, edit));
            }
        });
        return changes.isEmpty() ? current : edit.done();
    }

    private SnapshotDraft.ListenerChange compile(
            String name,
            Optional<? extends Resource> after,
            @Nullable ShownNames shown,
            DenseTable.Edit<ListenerRuntime> edit) {
        boolean hasNewId = !idByName.containsKey(name);
        int id = idByName.computeIfAbsent(name, any -> ids.take());
        ListenerRuntime present = current.get(id);
        ListenerRuntime next = null;
        if (after.isPresent() && after.get() instanceof ListenerConfig config && config.enabled()) {
            next = compiler.compile(config, id, shown);
        }
        edit.set(id, next);
        boolean isMoved = present != null
                && next != null
                && !(present.config().address().equals(next.config().address())
                        && present.config().http3() == next.config().http3()
                        && present.config().accept() == next.config().accept());
        return new SnapshotDraft.ListenerChange(name, present, next, isMoved, hasNewId);
    }

    /** Makes those of a draft current. @return the names of those that are gone */
    List<String> accept(SnapshotDraft draft, ProxyConfig after) {
        List<String> gone = new ArrayList<>();
        for (SnapshotDraft.ListenerChange change : draft.listenerChanges) {
            boolean stays = after.listeners().contains(change.name());
            if (!stays) {
                gone.add(change.name());
            }
            Integer id = idByName.get(change.name());
            if (id != null && stays) {
                names.assign(id, change.name());
            } else if (id != null) {
                idByName.remove(change.name());
                names.release(id);
                ids.rest(id, draft.table.version());
            }
        }
        current = draft.listeners;
        tls.accept();
        return gone;
    }

    /** Gives up the changes of a draft. */
    void undo(List<SnapshotDraft.ListenerChange> changes) {
        tls.discard();
        for (SnapshotDraft.ListenerChange change : changes) {
            Integer id = change.hasNewId() ? idByName.remove(change.name()) : null;
            if (id != null) {
                ids.giveBack(id);
                compiler.retire(change.name());
            }
        }
    }

    /** Lets other resources have the permits of a listener that no worker accepts for any more. */
    void retire(String name) {
        compiler.retire(name);
    }

    /** Frees the ids that no table read any more knows. */
    void reclaim(long oldestInUse) {
        ids.reclaim(oldestInUse);
    }
}
