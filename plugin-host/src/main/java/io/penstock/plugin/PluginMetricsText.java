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
        PluginMetric.KV_OPEN.writeHead(out);
        plain(PluginMetric.KV_OPEN, store.isOpen() ? 1 : 0);
        PluginMetric.KV_OPERATIONS.writeHead(out);
        plain(PluginMetric.KV_OPERATIONS, store.operationsDone());
        PluginMetric.KV_REFUSED.writeHead(out);
        plain(PluginMetric.KV_REFUSED, store.operationsRefused());
        PluginMetric.KV_ENTRIES.writeHead(out);
        store.entries()
                .forEach((plugin, entries) ->
                        line(PluginMetric.KV_ENTRIES.family(), "plugin=\"" + plugin + "\"", Integer.toString(entries)));
        PluginMetric.KV_BYTES.writeHead(out);
        store.bytes()
                .forEach((plugin, bytes) ->
                        line(PluginMetric.KV_BYTES.family(), "plugin=\"" + plugin + "\"", Long.toString(bytes)));
    }

    private void plain(PluginMetric metric, long value) {
        out.append(metric.family()).append(' ').append(value).append('\n');
    }

    private void writeAll(List<PluginVersion> versions) {
        PluginMetric.HOOK_SECONDS.writeHead(out);
        versions.forEach(version -> hooks(version, PluginMetric.HOOK_SECONDS, PluginVersion::inside));
        PluginMetric.LATER_SECONDS.writeHead(out);
        versions.forEach(version -> hooks(version, PluginMetric.LATER_SECONDS, PluginVersion::later));
        PluginMetric.HOOK_FAULTS.writeHead(out);
        for (PluginVersion version : versions) {
            for (Hook hook : version.hooks().stream().sorted().toList()) {
                sample(PluginMetric.HOOK_FAULTS, version, "hook", hook.member(), version.failures(hook));
            }
        }
        PluginMetric.WAIT_SECONDS.writeHead(out);
        versions.forEach(version -> hooks(version, PluginMetric.WAIT_SECONDS, PluginVersion::waiting));
        PluginMetric.STALL_SECONDS.writeHead(out);
        for (PluginVersion version : versions) {
            Histogram stalls = version.stalls();
            if (stalls.getTotalCount() > 0) {
                summary(PluginMetric.STALL_SECONDS, labels(version), stalls);
            }
        }
        PluginMetric.CANARY_ABORTS.writeHead(out);
        versions.forEach(version -> line(
                PluginMetric.CANARY_ABORTS.family(),
                labels(version),
                Integer.toString(version.canaryAborts().get())));
        PluginMetric.FAULTS.writeHead(out);
        versions.forEach(version ->
                version.faults().forEach((code, count) -> sample(PluginMetric.FAULTS, version, "code", code, count)));
        PluginMetric.STRIKES.writeHead(out);
        for (PluginVersion version : versions) {
            long strikes = version.quarantine().strikes(System.nanoTime());
            line(PluginMetric.STRIKES.family(), labels(version), Long.toString(strikes));
        }
        PluginMetric.QUARANTINED.writeHead(out);
        versions.forEach(version -> line(
                PluginMetric.QUARANTINED.family(),
                labels(version),
                version.quarantine().isActive() ? "1" : "0"));
        PluginMetric.CONTEXTS.writeHead(out);
        versions.forEach(version -> line(
                PluginMetric.CONTEXTS.family(),
                labels(version),
                Integer.toString(version.contexts().get())));
        PluginMetric.CUSTOM.writeHead(out);
        versions.forEach(version ->
                version.counters().forEach((name, count) -> sample(PluginMetric.CUSTOM, version, "name", name, count)));
    }

    private void hooks(PluginVersion version, PluginMetric metric, BiFunction<PluginVersion, Hook, Histogram> source) {
        for (Hook hook : version.hooks().stream().sorted().toList()) {
            Histogram all = source.apply(version, hook);
            if (all.getTotalCount() > 0) {
                summary(metric, labels(version) + ",hook=\"" + hook.member() + "\"", all);
            }
        }
    }

    private void summary(PluginMetric metric, String labels, Histogram all) {
        for (double quantile : QUANTILES) {
            line(metric.family(), labels + ",quantile=\"" + quantile + "\"", seconds((double)
                    all.getValueAtPercentile(quantile * 100)));
        }
        // The mean of bucket middles times the count: exact to the histogram's two digits.
        line(metric.family() + "_sum", labels, seconds(all.getMean() * (double) all.getTotalCount()));
        line(metric.family() + "_count", labels, Long.toString(all.getTotalCount()));
    }

    private static String seconds(double ns) {
        return String.format(Locale.ROOT, "%.9f", ns / NS_PER_SECOND);
    }

    private void sample(PluginMetric metric, PluginVersion version, String label, String value, long count) {
        line(metric.family(), labels(version) + "," + label + "=\"" + escaped(value) + "\"", Long.toString(count));
    }

    private static String labels(PluginVersion version) {
        return "plugin=\"" + version.manifest().name() + "\",version=\""
                + escaped(version.manifest().version()) + "\"";
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private void line(String name, String labels, String value) {
        out.append(name).append('{').append(labels).append("} ").append(value).append('\n');
    }
}
