package io.penstock.plugin;

import io.penstock.config.JsonText;
import io.penstock.config.OnFailure;
import io.penstock.config.PluginFilterConfig;
import io.penstock.plugin.js.Hook;
import io.penstock.plugin.kv.StoreOptions;
import io.penstock.spi.Filter;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginLibrary.PluginPackage;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.Verdict;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A library, a worker, and plugins on it. */
final class PluginHarness implements AutoCloseable {
    final JavaScriptLibrary library;
    final JavaScriptFilters filters;
    final FakeWorker worker = new FakeWorker();
    // Code that runs for the first time, on a machine whose cores others want too, is no matter of these tests.
    private static final String PATIENT = "\"limits\": {\"requestCpuMs\": 10000}";

    private int versions;

    PluginHarness() {
        this(new ScriptOptions(5_000, 10_000, 0, 5_000, 600_000, Optional.empty(), name -> Optional.empty()));
    }

    /** With a store in a folder. */
    static PluginHarness keepingIn(Path folder) {
        return new PluginHarness(new ScriptOptions(
                5_000, 10_000, 0, 5_000, 600_000, Optional.of(StoreOptions.in(folder)), name -> Optional.empty()));
    }

    PluginHarness(ScriptOptions options) {
        library = new JavaScriptLibrary(options);
        filters = library.filters();
    }

    /** Uploads a package; gives its name and version. */
    String upload(byte[] zip) {
        try {
            PluginPackage checked = library.check(zip);
            library.add(checked);
            return checked.name() + "@" + checked.version();
        } catch (PluginRefusedException refused) {
            throw new AssertionError(refused.faults().toString(), refused);
        }
    }

    /** A plugin of one module, with more manifest members, bound once. */
    Filter plugin(String members, String script) {
        return bind(
                upload(PackageFixture.named(
                                "sample",
                                "1.0." + versions++,
                                members.contains("\"limits\"")
                                        ? members
                                        : PATIENT + (members.isEmpty() ? "" : ", " + members))
                        .main(script)
                        .zip()),
                "{}");
    }

    Filter plugin(String script) {
        return plugin("", script);
    }

    Filter bind(String use, String config) {
        try {
            PluginFilterConfig entry = config(use, config, Optional.empty());
            return (isAuthenticator(use) ? filters.prepareAuthenticator(entry) : filters.prepare(entry))
                    .open(worker.id());
        } catch (FilterRefusedException refused) {
            throw new AssertionError(refused.pointer() + ": " + refused.getMessage(), refused);
        }
    }

    private boolean isAuthenticator(String use) {
        String[] parts = use.split("@", 2);
        PluginVersion version = library.find(parts[0], parts[1]);
        return version != null && version.hooks().contains(Hook.AUTHENTICATE);
    }

    static PluginFilterConfig config(String use, String config, Optional<OnFailure> onFailure) {
        return new PluginFilterConfig(
                use, Optional.empty(), Optional.of(new JsonText(config)), onFailure, Optional.empty(), true);
    }

    FakeExchange exchange() {
        return new FakeExchange(worker);
    }

    static String bodyOf(@Nullable Verdict verdict) {
        return new String(
                ((Verdict.Answered) Objects.requireNonNull(verdict)).answer().body(),
                java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        library.close();
    }
}
