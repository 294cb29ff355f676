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
            "context.js");

    // Its call sites are where all plugins would meet. As a source of each version's own it has a profile of its own,
    // and
    // the hooks of one version are compiled as if there were no other.
    private static final String HOOKS = "hooks.js";

    private static final String CLOCK = "clock.js";

    private final List<Source> sources;
    private final String hooks;
    private final Source clock;

    private Prelude(List<Source> sources, String hooks, Source clock) {
        this.sources = sources;
        this.hooks = hooks;
        this.clock = clock;
    }

    /** Reads the scripts from the class path. */
    static Prelude read() {
        List<Source> sources = new ArrayList<>();
        for (String file : FILES) {
            sources.add(source(text(file), file));
        }
        return new Prelude(List.copyOf(sources), text(HOOKS), source(text(CLOCK), CLOCK));
    }

    private static String text(String file) {
        try (InputStream in = Objects.requireNonNull(Prelude.class.getResourceAsStream(file), file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static Source source(String text, String name) {
        return Source.newBuilder("js", text, PREFIX + name).internal(true).buildLiteral();
    }

    /**
     * Runs them in a fresh context; gives the realm.
     *
     * @param id the version whose hooks will be called; contexts of one version share its code
     */
    Value run(Context context, HostRealm host, String id) {
        Value realm = context.eval("js", "({})");
        realm.putMember("host", host);
        for (Source source : sources) {
            context.eval(source).executeVoid(realm);
        }
        context.eval(source(hooks, id + '/' + HOOKS)).executeVoid(realm);
        if (host.hasOwnClock()) {
            context.eval(clock).executeVoid(realm);
        }
        return realm;
    }
}
