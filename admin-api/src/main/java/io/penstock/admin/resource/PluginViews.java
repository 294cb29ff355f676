package io.penstock.admin.resource;

import io.penstock.admin.access.Verb;
import io.penstock.admin.revision.PluginBindings;
import io.penstock.admin.store.PluginRecord;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PluginUse;
import io.penstock.config.ResourceType;
import io.penstock.spi.PluginLibrary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Plugins as the API shows them: what is stored, where it is used, what is observed of it. */
final class PluginViews {
    static final String TYPE = "plugins";

    private final AdminParts parts;

    PluginViews(AdminParts parts) {
        this.parts = parts;
    }

    /**
     * A plugin.
     *
     * @param versions older first
     * @param state {@code quarantined} if one of its versions is, else {@code serving} or {@code idle}
     * @param uses how many entries of the configuration name it
     */
    record PluginView(String name, List<String> versions, String state, int uses) {}

    /**
     * An entry of the configuration that names a plugin.
     *
     * @param resource what it is an entry of, as a path of the API
     * @param pointer JSON Pointer of the entry in that resource
     * @param use as it is written
     * @param resolved the version that it stands for
     * @param canaryResolved the version that its canary stands for
     */
    record PluginUseView(
            String resource,
            String pointer,
            String use,
            Optional<String> resolved,
            Optional<String> canaryResolved,
            boolean enabled) {}

    /**
     * What a hook costs, in microseconds.
     *
     * @param cpuP50Us median time inside the hook, on its worker
     * @param laterRuns how many pieces of script it left to run later: what follows an await, timers, replies
     * @param laterP50Us median time inside such a piece
     * @param waits how often it waited for a promise
     * @param waitP50Us median time from its call to the settlement of its promise
     */
    record PluginCostView(
            String hook,
            long calls,
            long faults,
            long cpuP50Us,
            long cpuP90Us,
            long cpuP99Us,
            long cpuMaxUs,
            long laterRuns,
            long laterP50Us,
            long laterP90Us,
            long laterP99Us,
            long laterMaxUs,
            long waits,
            long waitP50Us,
            long waitP90Us,
            long waitP99Us,
            long waitMaxUs) {}

    /**
     * What a version costs, since it was loaded.
     *
     * @param faults how many, by code
     * @param strikes in the present window
     */
    record PluginStatsView(
            String plugin,
            String version,
            String state,
            Map<String, Long> faults,
            int strikes,
            List<PluginCostView> hooks) {}

    /**
     * A version of a plugin. Faults, strikes and costs are since it was loaded.
     *
     * @param sha256 of its package
     * @param bytes how long its package is
     * @param state {@code stored}: no configuration has needed it since the start; else {@code idle}, {@code serving} or
     *     {@code quarantined}
     * @param faults how many, by code
     * @param strikes in the present window
     * @param lastFault with file and line of the author's source
     * @param contexts how many are open
     */
    record PluginVersionView(
            String name,
            String version,
            String sha256,
            long bytes,
            List<String> hooks,
            List<String> warnings,
            Instant created,
            String createdBy,
            Optional<String> note,
            String state,
            Map<String, Long> faults,
            int strikes,
            Optional<String> lastFault,
            int contexts,
            List<PluginCostView> cost,
            List<PluginUseView> usedBy) {}

    /** Every plugin, by name. */
    List<PluginView> plugins(ApiRequest request) {
        List<PluginView> views = new ArrayList<>();
        List<PluginLibrary.PluginStatus> status = parts.plugins().status();
        List<PluginBindings.Binding> bindings = visible(request);
        for (String name : parts.plugins().all().stream()
                .map(PluginRecord::name)
                .distinct()
                .toList()) {
            List<String> states = status.stream()
                    .filter(each -> each.name().equals(name))
                    .map(PluginLibrary.PluginStatus::state)
                    .toList();
            String state =
                    states.contains("quarantined") ? "quarantined" : states.contains("serving") ? "serving" : "idle";
            int uses = (int) bindings.stream()
                    .filter(binding -> names(binding.entry(), name, Optional.empty()))
                    .count();
            views.add(new PluginView(name, parts.plugins().versionsOf(name), state, uses));
        }
        return views;
    }

    PluginVersionView version(ApiRequest request, PluginRecord plugin) {
        Optional<PluginLibrary.PluginStatus> status = parts.plugins().status().stream()
                .filter(each ->
                        each.name().equals(plugin.name()) && each.version().equals(plugin.version()))
                .findFirst();
        return new PluginVersionView(
                plugin.name(),
                plugin.version(),
                plugin.sha256(),
                plugin.bytes(),
                plugin.hooks(),
                plugin.warnings(),
                plugin.created(),
                plugin.createdBy(),
                plugin.note(),
                status.map(PluginLibrary.PluginStatus::state).orElse("stored"),
                status.map(PluginLibrary.PluginStatus::faults).orElse(Map.of()),
                status.map(PluginLibrary.PluginStatus::strikes).orElse(0),
                status.flatMap(PluginLibrary.PluginStatus::lastFault),
                status.map(PluginLibrary.PluginStatus::contexts).orElse(0),
                status.map(PluginLibrary.PluginStatus::hooks).orElse(List.of()).stream()
                        .map(PluginViews::cost)
                        .toList(),
                usedBy(request, plugin.name(), Optional.of(plugin.version())));
    }

    private static PluginCostView cost(PluginLibrary.HookCost cost) {
        return new PluginCostView(
                cost.hook(),
                cost.calls(),
                cost.faults(),
                cost.cpu().p50() / 1_000,
                cost.cpu().p90() / 1_000,
                cost.cpu().p99() / 1_000,
                cost.cpu().max() / 1_000,
                cost.laterRuns(),
                cost.later().p50() / 1_000,
                cost.later().p90() / 1_000,
                cost.later().p99() / 1_000,
                cost.later().max() / 1_000,
                cost.waits(),
                cost.waiting().p50() / 1_000,
                cost.waiting().p90() / 1_000,
                cost.waiting().p99() / 1_000,
                cost.waiting().max() / 1_000);
    }

    /** What every loaded version costs. */
    List<PluginStatsView> stats() {
        return parts.plugins().status().stream()
                .map(status -> new PluginStatsView(
                        status.name(),
                        status.version(),
                        status.state(),
                        status.faults(),
                        status.strikes(),
                        status.hooks().stream().map(PluginViews::cost).toList()))
                .toList();
    }

    /** A version with what its manifest says. */
    ObjectNode full(ApiRequest request, PluginRecord plugin) {
        ObjectNode body = ConfigJson.write(version(request, plugin));
        body.set("manifest", JsonText.parse(plugin.manifest()));
        return body;
    }

    /** The entries that name a plugin, or one version of it, as far as the caller may see them. */
    List<PluginUseView> usedBy(ApiRequest request, String name, Optional<String> version) {
        return visible(request).stream()
                .filter(binding -> names(binding.entry(), name, version))
                .map(binding -> new PluginUseView(
                        Rejections.path(binding.holder()),
                        binding.pointer(),
                        binding.entry().use(),
                        binding.entry().resolved(),
                        binding.entry().canary().flatMap(canary -> canary.resolved()),
                        binding.entry().enabled()))
                .toList();
    }

    private List<PluginBindings.Binding> visible(ApiRequest request) {
        return PluginBindings.of(parts.pipeline().current().config()).stream()
                .filter(binding -> request.principal()
                        .may(
                                Verb.READ,
                                binding.holder()
                                        .type()
                                        .map(ResourceType::apiName)
                                        .orElse("config"),
                                binding.tags()))
                .toList();
    }

    /** Whether an entry runs a plugin, in one version or in any. */
    static boolean names(PluginFilterConfig entry, String name, Optional<String> version) {
        return names(entry.use(), entry.resolved(), name, version)
                || entry.canary()
                        .map(canary -> names(canary.use(), canary.resolved(), name, version))
                        .orElse(false);
    }

    private static boolean names(String use, Optional<String> resolved, String name, Optional<String> version) {
        return PluginUse.parse(use)
                .map(parsed -> parsed.name().equals(name) && (version.isEmpty() || resolved.equals(version)))
                .orElse(false);
    }
}
