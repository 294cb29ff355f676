package io.penstock.plugin;

import io.penstock.plugin.js.Hook;
import io.penstock.plugin.kv.SharedStore;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import org.HdrHistogram.Histogram;

/** What plugins cost and how they fare, in the Prometheus text format. */
final class PluginMetricsText {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99, 1};
    private static final double NS_PER_SECOND = 1e9;

    private final StringBuilder out;

    private PluginMetricsText(StringBuilder out) {
        this.out = out;
    }

    static void write(List<PluginVersion> versions, Optional<SharedStore> store, StringBuilder into) {
        if (!versions.isEmpty()) {
            new PluginMetricsText(into).writeAll(versions);
        }
        store.filter(SharedStore::wasWanted).ifPresent(wanted -> new PluginMetricsText(into).writeStore(wanted));
    }

    private void writeStore(SharedStore store) {
        family("penstock_plugin_kv_open", "gauge", "1 while the key-value store takes operations.");
        plain("penstock_plugin_kv_open", store.isOpen() ? 1 : 0);
        family("penstock_plugin_kv_operations_total", "counter", "Operations of the key-value store that were done.");
        plain("penstock_plugin_kv_operations_total", store.operationsDone());
        family("penstock_plugin_kv_refused_total", "counter", "Operations of the key-value store that were refused.");
        plain("penstock_plugin_kv_refused_total", store.operationsRefused());
        family("penstock_plugin_kv_entries", "gauge", "Entries of a plugin in the key-value store.");
        store.entries()
                .forEach((plugin, entries) ->
                        line("penstock_plugin_kv_entries", "plugin=\"" + plugin + "\"", Integer.toString(entries)));
        family("penstock_plugin_kv_bytes", "gauge", "Octets of a plugin's keys and values in the key-value store.");
        store.bytes()
                .forEach((plugin, bytes) ->
                        line("penstock_plugin_kv_bytes", "plugin=\"" + plugin + "\"", Long.toString(bytes)));
    }

    private void plain(String name, long value) {
        out.append(name).append(' ').append(value).append('\n');
    }

    private void writeAll(List<PluginVersion> versions) {
        family("penstock_plugin_hook_seconds", "summary", "Time inside a hook, on its worker.");
        versions.forEach(version -> hooks(version, "penstock_plugin_hook_seconds", PluginVersion::inside));
        family(
                "penstock_plugin_wait_seconds",
                "summary",
                "Time from the call of a hook to the settlement of its promise.");
        versions.forEach(version -> hooks(version, "penstock_plugin_wait_seconds", PluginVersion::waiting));
        family(
                "penstock_plugin_stall_seconds",
                "summary",
                "Time on the clock that single entries into scripts kept a worker, of entries longer than 1 ms.");
        for (PluginVersion version : versions) {
            Histogram stalls = version.stalls();
            if (stalls.getTotalCount() > 0) {
                summary("penstock_plugin_stall_seconds", labels(version), stalls);
            }
        }
        family("penstock_plugin_canary_aborts_total", "counter", "Times a canary was taken back.");
        versions.forEach(version -> line(
                "penstock_plugin_canary_aborts_total",
                labels(version),
                Integer.toString(version.canaryAborts().get())));
        family("penstock_plugin_faults_total", "counter", "Faults of a plugin, by code.");
        versions.forEach(version -> version.faults()
                .forEach((code, count) -> sample("penstock_plugin_faults_total", version, "code", code, count)));
        family("penstock_plugin_strikes", "gauge", "Strikes in the present window.");
        for (PluginVersion version : versions) {
            long strikes = version.quarantine().strikes(System.nanoTime());
            line("penstock_plugin_strikes", labels(version), Long.toString(strikes));
        }
        family("penstock_plugin_quarantined", "gauge", "1 while a version is in quarantine.");
        versions.forEach(version -> line(
                "penstock_plugin_quarantined",
                labels(version),
                version.quarantine().isActive() ? "1" : "0"));
        family("penstock_plugin_contexts", "gauge", "Open contexts.");
        versions.forEach(version -> line(
                "penstock_plugin_contexts",
                labels(version),
                Integer.toString(version.contexts().get())));
        family("penstock_plugin_custom_total", "counter", "What plugins count themselves.");
        versions.forEach(version -> version.counters()
                .forEach((name, count) -> sample("penstock_plugin_custom_total", version, "name", name, count)));
    }

    private void hooks(PluginVersion version, String name, BiFunction<PluginVersion, Hook, Histogram> source) {
        for (Hook hook : version.hooks().stream().sorted().toList()) {
            Histogram all = source.apply(version, hook);
            if (all.getTotalCount() > 0) {
                summary(name, labels(version) + ",hook=\"" + hook.member() + "\"", all);
            }
        }
    }

    private void summary(String name, String labels, Histogram all) {
        for (double quantile : QUANTILES) {
            line(name, labels + ",quantile=\"" + quantile + "\"", seconds((double)
                    all.getValueAtPercentile(quantile * 100)));
        }
        // The mean of bucket middles times the count: exact to the histogram's two digits.
        line(name + "_sum", labels, seconds(all.getMean() * (double) all.getTotalCount()));
        line(name + "_count", labels, Long.toString(all.getTotalCount()));
    }

    private static String seconds(double ns) {
        return String.format(Locale.ROOT, "%.9f", ns / NS_PER_SECOND);
    }

    private void sample(String name, PluginVersion version, String label, String value, long count) {
        line(name, labels(version) + "," + label + "=\"" + escaped(value) + "\"", Long.toString(count));
    }

    private static String labels(PluginVersion version) {
        return "plugin=\"" + version.manifest().name() + "\",version=\""
                + escaped(version.manifest().version()) + "\"";
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private void family(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void line(String name, String labels, String value) {
        out.append(name).append('{').append(labels).append("} ").append(value).append('\n');
    }
}
