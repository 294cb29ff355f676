package io.penstock.plugin;

import io.penstock.config.FilterConfig;
import io.penstock.config.JsonText;
import io.penstock.config.OnFailure;
import io.penstock.config.PluginCanary;
import io.penstock.config.PluginFilterConfig;
import io.penstock.plugin.js.Hook;
import io.penstock.spi.FilterProvider;
import io.penstock.spi.FilterRefusedException;
import io.penstock.spi.PluginRefusedException.Fault;
import io.penstock.spi.PreparedFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        PreparedPlugin usual = prepared(plugin, plugin.use(), plugin.resolved(), "", false);
        PluginCanary rule = plugin.canary().orElse(null);
        return rule == null
                ? usual
                : new PreparedCanary(usual, prepared(plugin, rule.use(), rule.resolved(), "/canary", false), rule);
    }

    @Override
    public PreparedFilter prepareAuthenticator(FilterConfig config) throws FilterRefusedException {
        PluginFilterConfig plugin = (PluginFilterConfig) config;
        return prepared(plugin, plugin.use(), plugin.resolved(), "", true);
    }

    private PreparedPlugin prepared(
            PluginFilterConfig plugin, String use, Optional<String> resolved, String at, boolean isAuthenticator)
            throws FilterRefusedException {
        PluginVersion version = find(use, resolved, at + "/use");
        checkPlace(version, at + "/use", isAuthenticator);
        checkRequired(version, at + "/use");
        OnFailure onFailure = plugin.onFailure().orElse(version.manifest().onFailure());
        if (isAuthenticator && onFailure == OnFailure.OPEN) {
            throw new FilterRefusedException(
                    "/onFailure",
                    "plugin " + version.manifest().id()
                            + " authenticates, and onFailure: open would let everybody in when it"
                            + " fails; write onFailure: closed");
        }
        List<Fault> faults = new ArrayList<>();
        Settings settings = version.schema()
                .apply(
                        plugin.config().orElse(JsonText.EMPTY_OBJECT).text(),
                        library.runtime().options().secrets(),
                        faults);
        version.log().hide(settings.secrets());
        if (!faults.isEmpty()) {
            throw new FilterRefusedException("/config" + faults.getFirst().where(), described(version, faults));
        }
        ContextBatch together = batch;
        return new PreparedPlugin(
                version,
                settings,
                onFailure,
                isAuthenticator,
                together == null ? new ContextBatch(library.runtime()) : together);
    }

    private static void checkPlace(PluginVersion version, String pointer, boolean isAuthenticator)
            throws FilterRefusedException {
        boolean authenticates = version.hooks().contains(Hook.AUTHENTICATE);
        if (isAuthenticator && !authenticates) {
            throw new FilterRefusedException(
                    pointer,
                    "plugin " + version.manifest().id()
                            + " has no hook authenticate, so it cannot say who calls; name it in filters");
        }
        if (!isAuthenticator && authenticates && version.hooks().size() == 1) {
            throw new FilterRefusedException(
                    pointer,
                    "plugin " + version.manifest().id()
                            + " has no hook but authenticate, which filters never call; name it in auth");
        }
    }

    // What the chain around it is, only the snapshot knows; that nobody could ever set the variable, the library does.
    private void checkRequired(PluginVersion version, String pointer) throws FilterRefusedException {
        for (String variable : version.manifest().requires()) {
            String setter = variable.substring(0, variable.indexOf('/'));
            if (library.versionsOf(setter).isEmpty()) {
                throw new FilterRefusedException(
                        pointer,
                        "plugin " + version.manifest().id() + " requires variable \"" + variable
                                + "\", and no plugin \"" + setter
                                + "\" is known; upload it and put it before this one");
            }
        }
    }

    private PluginVersion find(String use, Optional<String> resolved, String pointer) throws FilterRefusedException {
        int at = use.indexOf('@');
        String name = at < 0 ? use : use.substring(0, at);
        String range = at < 0 ? "" : use.substring(at + 1);
        String wanted = resolved.or(() -> library.resolve(name, range)).orElse("");
        PluginVersion version = library.find(name, wanted);
        if (version == null) {
            List<String> known = library.versionsOf(name);
            throw new FilterRefusedException(
                    pointer,
                    "found \"" + use + "\", and "
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
