package io.penstock.admin.revision;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.PluginCanary;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.PluginUse;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges plugins beside all else: what a range stands for is settled when a revision is made, and a version that is not
 * stored is refused.
 *
 * <p>A range that a part of the configuration held before goes on standing for the version it stood for, so that neither an
 * upload nor an edit of something else ever moves traffic to another version.
 */
final class PluginCheck implements ConfigCheck {

    private final ConfigCheck rest;
    private final PluginVersions versions;

    PluginCheck(ConfigCheck rest, PluginVersions versions) {
        this.rest = rest;
        this.versions = versions;
    }

    @Override
    public ProxyConfig complete(ProxyConfig before, ProxyConfig wanted) {
        ProxyConfig after = rest.complete(before, wanted);
        List<PluginBindings.Binding> changed = PluginBindings.changed(before, after);
        if (changed.isEmpty()) {
            return after;
        }
        Map<ResourceRef, Map<String, String>> settled = new HashMap<>();
        return PluginBindings.with(after, changed, binding -> {
            PluginFilterConfig entry = binding.entry();
            Map<String, String> known = settled.computeIfAbsent(binding.holder(), holder -> settled(before, holder));
            Optional<String> resolved = entry.resolved().or(() -> resolve(entry.use(), known));
            Optional<PluginCanary> canary = entry.canary()
                    .map(given -> new PluginCanary(
                            given.use(),
                            given.resolved().or(() -> resolve(given.use(), known)),
                            given.percent(),
                            given.sticky(),
                            given.abort()));
            return new PluginFilterConfig(
                    entry.use(), resolved, entry.config(), entry.onFailure(), canary, entry.enabled());
        });
    }

    // By the text of the use.
    private static Map<String, String> settled(ProxyConfig before, ResourceRef holder) {
        Map<String, String> settled = new HashMap<>();
        for (PluginBindings.Binding binding : PluginBindings.of(before, holder)) {
            PluginFilterConfig entry = binding.entry();
            entry.resolved().ifPresent(version -> settled.putIfAbsent(entry.use(), version));
            entry.canary()
                    .ifPresent(canary ->
                            canary.resolved().ifPresent(version -> settled.putIfAbsent(canary.use(), version)));
        }
        return settled;
    }

    private Optional<String> resolve(String text, Map<String, String> settled) {
        return Optional.ofNullable(settled.get(text))
                .or(() -> PluginUse.parse(text).flatMap(use -> use.newestOf(versions.versionsOf(use.name()))));
    }

    @Override
    public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
        List<ConfigProblem> problems = new ArrayList<>(rest.problems(before, after));
        for (PluginBindings.Binding binding : PluginBindings.changed(before, after)) {
            PluginFilterConfig entry = binding.entry();
            check(binding.holder(), binding.pointer(), entry.use(), entry.resolved(), problems);
            entry.canary()
                    .ifPresent(canary -> check(
                            binding.holder(),
                            binding.pointer() + "/canary",
                            canary.use(),
                            canary.resolved(),
                            problems));
        }
        if (problems.isEmpty()) {
            problems.addAll(PluginRequirements.problems(before, after, versions));
        }
        return problems;
    }

    private void check(
            ResourceRef holder, String pointer, String text, Optional<String> resolved, List<ConfigProblem> problems) {
        Optional<PluginUse> use = PluginUse.parse(text);
        if (use.isEmpty()) {
            return;
        }
        String name = use.get().name();
        List<String> known = versions.versionsOf(name);
        if (resolved.isPresent() && known.contains(resolved.get())) {
            versions.makeReady(name, resolved.get())
                    .ifPresent(why -> problems.add(new ConfigProblem(
                            holder, pointer + "/use", ConfigProblem.BAD_VALUE, why, Optional.empty())));
            return;
        }
        problems.add(new ConfigProblem(
                holder,
                pointer + (resolved.isPresent() ? "/resolved" : "/use"),
                ConfigProblem.UNKNOWN_REFERENCE,
                known.isEmpty()
                        ? "there is no plugin \"" + name + "\""
                        : "no version " + resolved.orElse(use.get().range()) + " of plugin \"" + name + "\"; known: "
                                + String.join(", ", known),
                Optional.of("upload it first: penstock plugin push, or PUT /v1/plugins/" + name + "/versions/"
                        + resolved.orElse("VERSION"))));
    }

    @Override
    public List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after) {
        return rest.warnings(before, after);
    }

    @Override
    public List<ResourceUse> usedBy(ProxyConfig config, ResourceType type, String name) {
        return rest.usedBy(config, type, name);
    }
}
