package io.penstock.plugin;

import io.penstock.config.FilterConfig;
import io.penstock.config.JsonText;
import io.penstock.config.OnFailure;
import io.penstock.config.PluginFilterConfig;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginRefusedException.Fault;
import io.penstock.spi.PreparedFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes filters of plugins: finds the version that a config names and checks its settings by the plugin's own schema. */
public final class JavaScriptFilters implements FilterProvider {
    private final JavaScriptLibrary library;
    private @Nullable ContextBatch batch;

    JavaScriptFilters(JavaScriptLibrary library) {
        this.library = library;
    }

    @Override
    public Class<? extends FilterConfig> configType() {
        return PluginFilterConfig.class;
    }

    @Override
    public boolean isSlowToOpen() {
        return true;
    }

    @Override
    public void begin() {
        batch = new ContextBatch(library.runtime());
    }

    @Override
    public PreparedFilter prepare(FilterConfig config) throws FilterRefusedException {
        PluginFilterConfig plugin = (PluginFilterConfig) config;
        PluginVersion version = find(plugin);
        OnFailure onFailure = plugin.onFailure().orElse(version.manifest().onFailure());
        if (version.hooks().contains(Hook.AUTHENTICATE) && onFailure == OnFailure.OPEN) {
            throw new FilterRefusedException(
                    "/onFailure",
                    "plugin " + version.manifest().id()
                            + " authenticates, and onFailure: open would let everybody in when it"
                            + " fails; write onFailure: closed");
        }
        List<Fault> faults = new ArrayList<>();
        String settings = version.schema()
                .apply(plugin.config().orElse(JsonText.EMPTY_OBJECT).text(), faults);
        if (!faults.isEmpty()) {
            throw new FilterRefusedException("/config" + faults.getFirst().where(), described(version, faults));
        }
        ContextBatch together = batch;
        return new PreparedPlugin(
                version, settings, onFailure, together == null ? new ContextBatch(library.runtime()) : together);
    }

    private PluginVersion find(PluginFilterConfig plugin) throws FilterRefusedException {
        int at = plugin.use().indexOf('@');
        String name = at < 0 ? plugin.use() : plugin.use().substring(0, at);
        String range = at < 0 ? "" : plugin.use().substring(at + 1);
        String wanted = plugin.resolved().or(() -> library.resolve(name, range)).orElse("");
        PluginVersion version = library.find(name, wanted);
        if (version == null) {
            List<String> known = library.versionsOf(name);
            throw new FilterRefusedException(
                    "/use",
                    "found \"" + plugin.use() + "\", and "
                            + (known.isEmpty()
                                    ? "no plugin \"" + name + "\" is known; upload it first"
                                    : "the known versions of \"" + name + "\" are " + String.join(", ", known)));
        }
        return version;
    }

    private static String described(PluginVersion version, List<Fault> faults) {
        StringBuilder text =
                new StringBuilder("settings of plugin " + version.manifest().id() + ": ");
        for (Fault fault : faults) {
            text.append(text.charAt(text.length() - 2) == ':' ? "" : "; ")
                    .append(fault.where().isEmpty() ? "/" : fault.where())
                    .append(' ')
                    .append(fault.detail());
        }
        return text.toString();
    }
}
