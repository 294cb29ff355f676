package io.penstock.admin.secret;

import io.penstock.admin.revision.ConfigTarget;
import io.penstock.admin.revision.PluginBindings;
import io.penstock.config.AuthConfig;
import io.penstock.config.ConfigDiff;
import io.penstock.config.LevelConfig;
import io.penstock.config.PluginFilterConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceChange;
import io.penstock.config.ResourceType;
import io.penstock.config.SecretReferences;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stands before what runs configurations, which knows no secrets: settings that name one are handed on with the id of its
 * present value, so that a secret's new value reaches everything that uses it as a change of its settings would. Only the
 * pipeline's thread.
 *
 * <p>The configuration it hands on is kept and follows the written one by what changed; only a changed secret costs a look
 * at every entry.
 */
public final class SecretTarget implements ConfigTarget {
    private static final List<ResourceType> LEVELS =
            List.of(ResourceType.POLICIES, ResourceType.API_GROUPS, ResourceType.SERVICES, ResourceType.ROUTES);

    private final ConfigTarget target;
    private final SecretSource source;
    private ProxyConfig written = ProxyConfig.empty();
    private ProxyConfig pinned = ProxyConfig.empty();

    /** Hands on to a target, for whose plugins the source has the values. */
    public SecretTarget(ConfigTarget target, SecretSource source) {
        this.target = target;
        this.source = source;
    }

    @Override
    public PrepareResult prepare(ProxyConfig config) {
        follow(config);
        source.prepare(config.secrets());
        return target.prepare(pinned);
    }

    @Override
    public Publication publish(Prepared prepared, long revision) {
        source.serve(written.secrets());
        return target.publish(prepared, revision);
    }

    @Override
    public void discard(Prepared prepared) {
        target.discard(prepared);
    }

    private void follow(ProxyConfig config) {
        ConfigDiff diff = ConfigDiff.of(written, config);
        ProxyConfig next = diff.defaultsChanged() ? pinned.withDefaults(config.defaults()) : pinned;
        for (ResourceChange change : diff.changes()) {
            ResourceType type = change.ref().type().orElseThrow();
            if (type != ResourceType.SECRETS) {
                next = change.after().isPresent()
                        ? next.with(change.after().get())
                        : next.without(type, change.ref().name());
            }
        }
        boolean touchesAll = diff.touches(ResourceType.SECRETS) || diff.defaultsChanged();
        List<Resource> changed = diff.changes().stream()
                .map(ResourceChange::after)
                .flatMap(Optional::stream)
                .toList();
        List<PluginBindings.Binding> touched = touchesAll
                ? PluginBindings.of(config)
                : changed.stream()
                        .flatMap(part -> PluginBindings.of(part).stream())
                        .toList();
        next = named(next, config, touchesAll ? levels(config) : changed);
        if (touchesAll) {
            next = next.withDefaults(next.defaults()
                    .with(next.defaults().filters(), named(config.defaults().auth(), config)));
        }
        pinned = PluginBindings.with(next, touched, binding -> pinned(binding.entry(), config));
        written = config;
    }

    private static List<Resource> levels(ProxyConfig config) {
        List<Resource> levels = new ArrayList<>();
        for (ResourceType type : LEVELS) {
            config.all(type).forEach(levels::add);
        }
        return levels;
    }

    // From what is written, since what was handed on names the values of before.
    private static ProxyConfig named(ProxyConfig pinned, ProxyConfig config, List<Resource> parts) {
        ProxyConfig next = pinned;
        for (Resource part : parts) {
            if (part instanceof LevelConfig level) {
                List<AuthConfig> auth = named(level.auth(), config);
                if (!auth.equals(level.auth())
                        && next.find(ResourceType.of(part), part.name()).orElseThrow() instanceof LevelConfig present
                        && present.with(present.filters(), auth) instanceof Resource with) {
                    next = next.with(with);
                }
            }
        }
        return next;
    }

    private static List<AuthConfig> named(List<AuthConfig> entries, ProxyConfig config) {
        return entries.stream()
                .map(entry -> entry.withSecrets(name -> SecretSource.pinned(config.secrets(), name)))
                .toList();
    }

    private static PluginFilterConfig pinned(PluginFilterConfig entry, ProxyConfig config) {
        return new PluginFilterConfig(
                entry.use(),
                entry.resolved(),
                entry.config()
                        .map(settings -> SecretReferences.renamed(
                                settings, name -> SecretSource.pinned(config.secrets(), name))),
                entry.onFailure(),
                entry.canary(),
                entry.enabled());
    }
}
