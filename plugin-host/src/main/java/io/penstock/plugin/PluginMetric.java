package io.penstock.plugin;

import java.util.List;

/** The metric families of plugins. */
enum PluginMetric {
    HOOK_SECONDS(
            "penstock_plugin_hook_seconds", "summary", "plugin, version, hook", "Time inside a hook, on its worker."),
    LATER_SECONDS(
            "penstock_plugin_later_seconds",
            "summary",
            "plugin, version, hook",
            "Time inside each piece of script that a hook left to run later: what follows an await, timers, replies."),
    HOOK_FAULTS(
            "penstock_plugin_hook_faults_total", "counter", "plugin, version, hook", "Calls of a hook that failed."),
    WAIT_SECONDS(
            "penstock_plugin_wait_seconds",
            "summary",
            "plugin, version, hook",
            "Time from the call of a hook to the settlement of its promise."),
    STALL_SECONDS(
            "penstock_plugin_stall_seconds",
            "summary",
            "plugin, version",
            "Time on the clock that single entries into scripts kept a worker, of entries longer than 1 ms."),
    CANARY_ABORTS(
            "penstock_plugin_canary_aborts_total", "counter", "plugin, version", "Times a canary was taken back."),
    FAULTS("penstock_plugin_faults_total", "counter", "plugin, version, code", "Faults of a plugin, by code."),
    STRIKES("penstock_plugin_strikes", "gauge", "plugin, version", "Strikes in the present window."),
    QUARANTINED("penstock_plugin_quarantined", "gauge", "plugin, version", "1 while a version is in quarantine."),
    CONTEXTS("penstock_plugin_contexts", "gauge", "plugin, version", "Open contexts."),
    CUSTOM("penstock_plugin_custom_total", "counter", "plugin, version, name", "What plugins count themselves."),
    KV_OPEN("penstock_plugin_kv_open", "gauge", "", "1 while the key-value store takes operations."),
    KV_OPERATIONS(
            "penstock_plugin_kv_operations_total", "counter", "", "Operations of the key-value store that were done."),
    KV_REFUSED(
            "penstock_plugin_kv_refused_total", "counter", "", "Operations of the key-value store that were refused."),
    KV_ENTRIES("penstock_plugin_kv_entries", "gauge", "plugin", "Entries of a plugin in the key-value store."),
    KV_BYTES(
            "penstock_plugin_kv_bytes",
            "gauge",
            "plugin",
            "Octets of a plugin's keys and values in the key-value store.");

    private final String family;
    private final String type;
    private final String labels;
    private final String help;

    PluginMetric(String family, String type, String labels, String help) {
        this.family = family;
        this.type = type;
        this.labels = labels;
        this.help = help;
    }

    String family() {
        return family;
    }

    /** All of them as a table for the documentation. */
    static String markdown() {
        StringBuilder table = new StringBuilder("| metric | type | labels | what |\n|---|---|---|---|\n");
        for (PluginMetric metric : List.of(values())) {
            table.append("| `" + metric.family + "` | " + metric.type + " | " + metric.labels + " | " + metric.help
                    + " |\n");
        }
        return table.toString();
    }

    /** What the text format says before the samples. */
    void writeHead(StringBuilder out) {
        out.append("# HELP ").append(family).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(family).append(' ').append(type).append('\n');
    }
}
