package io.penstock.engine;

import io.penstock.config.ProxyConfig;
import io.penstock.snapshot.SnapshotDraft;
import io.penstock.upstream.UpstreamPlan;

/**
 * A config for which everything that can fail has been done. To be given to exactly one of {@link ProxyEngine#publish} and
 * {@link ProxyEngine#discard}; until then no other config can be prepared. One of a rehearsal has no sockets, and can only be discarded.
 */
public final class Prepared {
    final ProxyConfig config;
    final SnapshotDraft draft;
    final UpstreamPlan upstreams;
    final PreparedSockets sockets;
    final boolean isRehearsal;

    Prepared(
            ProxyConfig config,
            SnapshotDraft draft,
            UpstreamPlan upstreams,
            PreparedSockets sockets,
            boolean isRehearsal) {
        this.config = config;
        this.draft = draft;
        this.upstreams = upstreams;
        this.sockets = sockets;
        this.isRehearsal = isRehearsal;
    }
}
