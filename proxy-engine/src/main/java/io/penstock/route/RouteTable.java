package io.penstock.route;

import io.penstock.mark.SharedByWorkers;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * All routes of one version, off the heap. Immutable; made by {@link RouteTableWriter#publish}, read by any number of
 * {@link RouteLookup}s without locks or fences until the writer is told that the version is retired.
 *
 * <p>Concurrency. The control thread writes blocks with plain stores and only into memory that no live version can reach:
 * blocks are copied, never changed, once a version holds them ({@link HashTrie}), and are freed only when every version that
 * could reach them is retired ({@link BlockStore}). A reader needs two orderings and has both without a fence of its own.
 * Writes before reads: the table is handed over by the mailbox's release and acquire, and everything it leads to was
 * written before. Reads before reuse: a worker lets a version go by a release in {@code snapshot.Pins}, which the control
 * thread acquires before it calls {@code retire}. Between the two nothing is written that a reader can see, except slots of
 * the arrays below that no live version refers to.
 */
@SharedByWorkers
public final class RouteTable {
    final UnsafeBuffer[] pages;
    final Object[] atoms;
    final byte[][] methodTokens;
    final int hostRoot;
    final int anyHost;
    final long wildcardLabels;
    private final long version;
    private final int routeCount;

    RouteTable(
            long version,
            int routeCount,
            UnsafeBuffer[] pages,
            Object[] atoms,
            byte[][] methodTokens,
            TableEditor editor) {
        this.version = version;
        this.routeCount = routeCount;
        this.pages = pages;
        this.atoms = atoms;
        this.methodTokens = methodTokens;
        this.hostRoot = editor.hostRoot();
        this.anyHost = editor.anyHost();
        this.wildcardLabels = editor.wildcardLabels();
    }

    /** The version's number: greater than that of every table published before by the same writer. */
    public long version() {
        return version;
    }

    /** Routes in the table. */
    public int routeCount() {
        return routeCount;
    }

    /**
     * Says what becomes of a request and why. For people: allocates, and may look at many routes when none matches.
     *
     * <p>Any thread, while the version is pinned.
     */
    public RouteExplanation explain(RouteQuery query) {
        return new RouteExplainer(this, query).explain();
    }
}
