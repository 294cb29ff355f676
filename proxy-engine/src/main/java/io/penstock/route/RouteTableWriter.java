package io.penstock.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes version after version of the route table. Control thread only: put and remove routes, publish, and say when nobody
 * reads an older version any more. An edit costs what it changes: it copies the blocks on the way to the rules concerned.
 *
 * <p>At most {@link #TABLES_MAX} versions live at once; beyond that {@link #publish} refuses and the caller waits for pins.
 */
public final class RouteTableWriter {
    /** Published versions that may be alive at once. */
    public static final int TABLES_MAX = 8;

    /** A route as it was before an edit. */
    private record Before(String name, @Nullable RouteEntry entry) {}

    private final Map<String, RouteEntry> entries = new HashMap<>();
    private final Atoms atoms = new Atoms();
    private final BlockStore blocks = new BlockStore(atoms::free);
    private final MethodBits methods = new MethodBits();
    private final RuleBlocks rules = new RuleBlocks(blocks, atoms, methods);
    private final TableEditor editor = new TableEditor(blocks, rules);
    private List<Before> edits = new ArrayList<>();
    private List<Before> lastEdits = new ArrayList<>();

    /**
     * Adds a route, or replaces the one of this name.
     *
     * @throws IllegalArgumentException if it cannot stand in a table; nothing has changed then
     */
    public void put(RouteEntry entry) {
        List<Rule> added = Rule.of(entry, atoms);
        RouteEntry before = entries.get(entry.name());
        if (entry.equals(before)) {
            return;
        }
        if (before != null) {
            removeRules(before);
        }
        for (int i = 0; i < added.size(); i++) {
            try {
                editor.add(added.get(i));
            } catch (IllegalArgumentException e) {
                restore(added.subList(0, i), before);
                throw e;
            }
        }
        entries.put(entry.name(), entry);
        edits.add(new Before(entry.name(), before));
    }

    /** Takes a route out; whether there was one. */
    public boolean remove(String name) {
        RouteEntry before = entries.remove(name);
        if (before == null) {
            return false;
        }
        removeRules(before);
        edits.add(new Before(name, before));
        return true;
    }

    /** Takes back every edit since the last publication; costs what they cost. */
    public void rollback() {
        List<Before> undone = edits;
        edits = new ArrayList<>();
        undo(undone);
        edits.clear();
    }

    /** Whether {@link #publish} would succeed: whether fewer than {@link #TABLES_MAX} versions live. */
    public boolean canPublish() {
        return blocks.liveVersions() < TABLES_MAX;
    }

    /**
     * Makes the edits so far a version. It lives until {@link #retire} or {@link #retireBelow}.
     *
     * @throws IllegalStateException if {@link #TABLES_MAX} versions live
     */
    public RouteTable publish() {
        if (!canPublish()) {
            throw new IllegalStateException(TABLES_MAX + " route tables are alive; wait until exchanges let one go");
        }
        RouteTable table = new RouteTable(
                blocks.version(), entries.size(), blocks.buffers(), atoms.values(), methods.tokens(), editor);
        blocks.publish();
        lastEdits = edits;
        edits = new ArrayList<>();
        return table;
    }

    /**
     * Forgets the version published last, which no worker has seen: the table under construction is again as it was before
     * the edits that led to it. For a change that is only tried, or that fails after its table was made.
     *
     * @throws IllegalArgumentException if it is not the version published last
     */
    public void discard(RouteTable table) {
        if (table.version() != blocks.version() - 1 || !blocks.isLive(table.version())) {
            throw new IllegalArgumentException("version " + table.version() + " is not the last one published");
        }
        rollback();
        List<Before> undone = lastEdits;
        lastEdits = new ArrayList<>();
        undo(undone);
        edits.clear();
        blocks.retire(table.version());
    }

    /** Frees what only this version and older ones can reach, once those are retired as well. Unknown versions are ignored. */
    public void retire(long version) {
        blocks.retire(version);
    }

    /** Retires every version below {@code oldest}, the oldest that anyone may still read. */
    public void retireBelow(long oldest) {
        blocks.retireBelow(Math.min(oldest, blocks.version() - 1));
    }

    /** Published versions that are alive. */
    public int liveTables() {
        return blocks.liveVersions();
    }

    /** Routes in the table under construction. */
    public int routeCount() {
        return entries.size();
    }

    /** Direct memory held by all versions together, in bytes. */
    public long offHeapBytes() {
        return blocks.reservedBytes();
    }

    /** Direct memory in use by all versions together and by blocks that wait for a version's end, in bytes. */
    public long offHeapBytesUsed() {
        return blocks.usedBytes();
    }

    /**
     * What can never be reached around one route of the table under construction: its own matches that routes in front of
     * it take entirely, and matches of others that it takes. Looks only at rules under the same host; at most
     * {@link ShadowFinder#WARNINGS_MAX} findings.
     */
    public List<RouteWarning> warnings(String name) {
        RouteEntry entry = entries.get(name);
        if (entry == null) {
            return List.of();
        }
        RouteTable draft = new RouteTable(
                blocks.version(), entries.size(), blocks.buffers(), atoms.values(), methods.tokens(), editor);
        return new ShadowFinder(draft, editor, entries, atoms).find(Rule.of(entry, atoms));
    }

    private void removeRules(RouteEntry entry) {
        for (Rule rule : Rule.of(entry, atoms)) {
            editor.remove(rule);
        }
    }

    private void restore(List<Rule> added, @Nullable RouteEntry before) {
        for (Rule rule : added) {
            editor.remove(rule);
        }
        if (before != null) {
            for (Rule rule : Rule.of(before, atoms)) {
                editor.add(rule);
            }
        }
    }

    private void undo(List<Before> undone) {
        for (Before before : undone.reversed()) {
            RouteEntry entry = before.entry();
            if (entry == null) {
                remove(before.name());
            } else {
                put(entry);
            }
        }
    }
}
