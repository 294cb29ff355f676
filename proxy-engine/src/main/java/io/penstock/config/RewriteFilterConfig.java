package io.penstock.config;

import java.util.Optional;

/** Changes what the upstream is asked for. */
@TypeTag("rewrite")
public record RewriteFilterConfig(
        @Doc("How the path changes.") Optional<PathEdit> path,
        @Doc("How the query changes.") QueryEdits query,
        @Doc("The Host the upstream sees.") Optional<String> host)
        implements FilterConfig {
    /** Without changes of the query. */
    public RewriteFilterConfig(Optional<PathEdit> path, Optional<String> host) {
        this(path, QueryEdits.DEFAULTS, host);
    }
}
