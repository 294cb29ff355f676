package io.penstock.config;

import java.util.List;
import java.util.Optional;

/** An answer that sends the client elsewhere; what is absent stays as requested. */
public record RedirectConfig(
        @Doc("301, 302, 303, 307 or 308.") @Default("302") int status,
        @Doc("http or https.") Optional<String> scheme,

        @Doc(
                "The host; may hold placeholders if it ends with a domain of yours, for example `{path.shop}.shop.example`.")
        Optional<String> host,

        @Doc("The port; the scheme's own is left out of Location.")
        Optional<Integer> port,

        @Doc("How the path changes; segments of `set` may be placeholders.")
        Optional<PathEdit> path,

        @Doc("Whether the query goes along.") @Default("true")
        boolean keepQuery,

        @Doc("How the query changes that goes along, or what it is where none does.")
        QueryEdits query) {
    private static final List<Integer> STATUSES = List.of(301, 302, 303, 307, 308);

    /** What holds when nothing is written. */
    public static final RedirectConfig DEFAULTS = RecordDefaults.of(RedirectConfig.class);

    public RedirectConfig {
        new ValueChecks()
                .require(STATUSES.contains(status), "status", "found " + status + ", wanted one of " + STATUSES)
                .require(
                        scheme.isEmpty()
                                || scheme.get().equals("http")
                                || scheme.get().equals("https"),
                        "scheme",
                        "found \"" + ValueText.shown(scheme.orElse("")) + "\", wanted http or https")
                .between("port", port.orElse(1), 1, 65535)
                .end();
    }

    /** Without changes of the query. */
    public RedirectConfig(
            int status,
            Optional<String> scheme,
            Optional<String> host,
            Optional<Integer> port,
            Optional<PathEdit> path,
            boolean keepQuery) {
        this(status, scheme, host, port, path, keepQuery, QueryEdits.DEFAULTS);
    }
}
