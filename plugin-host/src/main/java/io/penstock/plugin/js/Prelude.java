package io.penstock.plugin.js;

import io.penstock.plugin.bridge.HostRealm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;

/**
 * The scripts that every context runs first: they give the gateway's objects the shape of the web platform and call the
 * hooks. Each file is one function of the realm, an object they share and that no plugin ever sees.
 */
final class Prelude {
    /** What the sources are called; frames of these names are not the author's. */
    static final String PREFIX = "penstock:";

    private static final List<String> FILES = List.of(
            "platform.js",
            "text.js",
            "fields.js",
            "url.js",
            "bodies.js",
            "streams.js",
            "messages.js",
            "live.js",
            "crypto.js",
            "context.js",
            "hooks.js");

    private static final String CLOCK = "clock.js";

    private final List<Source> sources;
    private final Source clock;

    private Prelude(List<Source> sources, Source clock) {
        this.sources = sources;
        this.clock = clock;
    }

    /** Reads the scripts from the class path. */
    static Prelude read() {
        List<Source> sources = new ArrayList<>();
        for (String file : FILES) {
            sources.add(source(file));
        }
        return new Prelude(List.copyOf(sources), source(CLOCK));
    }

    private static Source source(String file) {
        try (InputStream in = Objects.requireNonNull(Prelude.class.getResourceAsStream(file), file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Source.newBuilder("js", text, PREFIX + file).internal(true).build();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /** Runs them in a fresh context; gives the realm. */
    Value run(Context context, HostRealm host) {
        Value realm = context.eval("js", "({})");
        realm.putMember("host", host);
        for (Source source : sources) {
            context.eval(source).executeVoid(realm);
        }
        if (host.hasOwnClock()) {
            context.eval(clock).executeVoid(realm);
        }
        return realm;
    }
}
