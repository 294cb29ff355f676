package io.penstock.config;

import io.penstock.config.Problems.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a use of a plugin must keep. Whether the plugin is known, and takes these settings, its host says. */
final class PluginRules {
    private static final Pattern STICKY = Pattern.compile("clientAddress|header:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");
    private static final int PERCENT_MAX = 100;

    private PluginRules() {}

    static void check(PluginFilterConfig plugin, Scope at) {
        checkUse(plugin.use(), plugin.resolved(), at);
        plugin.canary().ifPresent(canary -> checkCanary(canary, at.in("canary")));
    }

    static void checkUse(String text, Optional<String> resolved, Scope at) {
        Optional<PluginUse> use = PluginUse.parse(text);
        if (use.isEmpty()) {
            at.in("use")
                    .add(
                            ConfigProblem.BAD_VALUE,
                            "found \"" + ValueText.shown(text)
                                    + "\", wanted a plugin's name, @ and a range of versions",
                            "write for example token-guard@1, token-guard@^1.2 or token-guard@1.2.3");
            return;
        }
        resolved.filter(version -> !use.get().admits(version))
                .ifPresent(version -> at.in("resolved")
                        .add(
                                ConfigProblem.BAD_VALUE,
                                "found \"" + ValueText.shown(version) + "\", which is not in the range of \""
                                        + use.get() + "\"",
                                "leave it out, and the gateway fills it"));
    }

    private static void checkCanary(PluginCanary canary, Scope at) {
        checkUse(canary.use(), canary.resolved(), at);
        if (canary.percent() < 0 || canary.percent() > PERCENT_MAX) {
            at.in("percent")
                    .add(ConfigProblem.OUT_OF_RANGE, "found " + canary.percent() + ", wanted 0 to " + PERCENT_MAX);
        }
        canary.sticky()
                .filter(text -> !STICKY.matcher(text).matches())
                .ifPresent(text -> at.in("sticky")
                        .add(ConfigProblem.BAD_VALUE, "found \"" + text + "\", wanted clientAddress or header:NAME"));
        canary.abort().ifPresent(abort -> {
            abort.faults()
                    .filter(faults -> faults < 1)
                    .ifPresent(faults -> at.in("abort")
                            .in("faults")
                            .add(ConfigProblem.OUT_OF_RANGE, "found " + faults + ", wanted at least 1"));
            abort.p99Over()
                    .filter(p99 -> p99.compareTo(Duration.ZERO) <= 0)
                    .ifPresent(p99 -> at.in("abort")
                            .in("p99Over")
                            .add(ConfigProblem.OUT_OF_RANGE, "found " + p99 + ", wanted more than 0"));
        });
    }
}
