package io.penstock.config;

import java.util.Optional;

/** Changes what the upstream is asked for. */
@TypeTag("rewrite")
public record RewriteFilterConfig(
        @Doc("How the path changes.") Optional<PathEdit> path,
        @Doc("The Host the upstream sees.") Optional<String> host)
        implements FilterConfig {}
