package io.penstock.admin.revision;

import io.penstock.admin.store.ResourceKey;
import io.penstock.config.ConfigDiff;
import io.penstock.config.Defaults;
import io.penstock.config.ProxyConfig;
import io.penstock.config.Resource;
import io.penstock.config.ResourceChange;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A configuration taken apart into what is stored, and put together again. */
public final class ConfigParts {

    /** The instance's defaults, which have neither type nor name. */
    public static final ResourceKey DEFAULTS = new ResourceKey("defaults", "defaults");

    private ConfigParts() {}

    public static ResourceKey key(ResourceType type, String name) {
        return new ResourceKey(type.apiName(), name);
    }

    public static ResourceKey key(Resource resource) {
        return key(ResourceType.of(resource), resource.name());
    }

    /** The same place in the words of the config records. */
    public static ResourceRef ref(ResourceKey key) {
        return key.equals(DEFAULTS) ? ResourceRef.DEFAULTS : ResourceRef.of(type(key), key.name());
    }

    /** The part with this key. */
    public static Optional<Record> find(ProxyConfig config, ResourceKey key) {
        return key.equals(DEFAULTS)
                ? Optional.of(config.defaults())
                : config.find(type(key), key.name()).map(Record.class::cast);
    }

    /** The configuration with the part in its place. */
    static ProxyConfig with(ProxyConfig config, Record part) {
        return switch (part) {
            case Defaults defaults -> config.defaults().equals(defaults) ? config : config.withDefaults(defaults);
            case Resource resource -> config.with(resource);
            default -> throw new IllegalArgumentException(part.getClass() + " is no part of a configuration");
        };
    }

    /** The configuration without the part; without its defaults it has the built-in ones. */
    static ProxyConfig without(ProxyConfig config, ResourceKey key) {
        return key.equals(DEFAULTS) ? with(config, Defaults.DEFAULTS) : config.without(type(key), key.name());
    }

    /** What leads from one configuration to the other, by type and name; its cost follows the differences. */
    static List<PartChange> diff(ProxyConfig before, ProxyConfig after) {
        List<PartChange> changes = new ArrayList<>();
        if (!before.defaults().equals(after.defaults())) {
            changes.add(new PartChange(DEFAULTS, Optional.of(before.defaults()), Optional.of(after.defaults())));
        }
        for (ResourceChange change : ConfigDiff.of(before, after).changes()) {
            changes.add(new PartChange(
                    key(change.ref().type().orElseThrow(), change.ref().name()),
                    change.before().map(Record.class::cast),
                    change.after().map(Record.class::cast)));
        }
        return changes;
    }

    private static ResourceType type(ResourceKey key) {
        return ResourceType.byApiName(key.type())
                .orElseThrow(() -> new IllegalArgumentException(
                        "the type \"" + key.type() + "\" of " + key + " is not known to this version"));
    }
}
