package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;

/** What the file of tests that a context runs may ask of the one who runs it. Questions and answers are JSON text. */
@WorkerConfined
public final class HostTests {
    private final ScriptHost host;
    private final Bench bench;

    /** Does what is asked. Called inside the script. */
    public interface Bench {
        /** Does something, and answers outside of the script. */
        void ask(String what, String json, Answer answer);

        /** A request of a plugin under test has its reply. */
        void fetched(int gateway, int id, String json);

        /** A test has ended. */
        void report(String json);

        /** The clock of a gateway under test, in milliseconds since 1970. */
        double nowMs(int gateway);

        /** All lines that the plugin of a gateway wrote. */
        String log(int gateway);

        /** Who answers requests of plugins under test. */
        void onFetch(FetchListener listener);
    }

    /** Hears an answer, once. */
    public interface Answer {
        /** It is done. */
        void done(String json);

        /** It is not done. */
        void refused(String why);
    }

    /** Hears a plugin's own request. */
    @FunctionalInterface
    public interface FetchListener {
        /** A request is sent. */
        void sent(int gateway, int id, String json);
    }

    /** Makes one for a context. */
    public HostTests(ScriptHost host, Bench bench) {
        this.host = host;
        this.bench = bench;
    }

    @HostAccess.Export
    public void ask(String what, String json, Value resolve, Value reject) {
        bench.ask(what, json, new Answer() {
            @Override
            public void done(String answer) {
                host.soon(null, () -> resolve.executeVoid(answer));
            }

            @Override
            public void refused(String why) {
                host.soon(null, () -> reject.executeVoid(why));
            }
        });
    }

    @HostAccess.Export
    public void onFetch(Value handler) {
        bench.onFetch((gateway, id, json) -> host.soon(null, () -> handler.executeVoid(gateway, id, json)));
    }

    @HostAccess.Export
    public void fetched(int gateway, int id, String json) {
        bench.fetched(gateway, id, json);
    }

    @HostAccess.Export
    public void report(String json) {
        bench.report(json);
    }

    @HostAccess.Export
    public double now(int gateway) {
        return bench.nowMs(gateway);
    }

    @HostAccess.Export
    public String log(int gateway) {
        return bench.log(gateway);
    }
}
