package io.penstock.admin.revision;

import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.References;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.List;

/** The judgement of a configuration against the one before it; the cost follows what changed. Any thread. */
public interface ConfigCheck {

    /** Fills in what the gateway settles when a revision is made; what does not change stays the same object. */
    default ProxyConfig complete(ProxyConfig before, ProxyConfig after) {
        return after;
    }

    /** Every fault at once; empty if it may be served. */
    List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after);

    /** What may be served and is probably not meant. */
    List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after);

    /** Who refers to a resource. */
    List<ResourceUse> usedBy(ProxyConfig config, ResourceType type, String name);

    /** This judgement, and that of plugins. */
    default ConfigCheck withPlugins(PluginVersions versions) {
        return new PluginCheck(this, versions);
    }

    /** The judgement of the config records' own rules. */
    static ConfigCheck standard() {
        return new ConfigCheck() {
            @Override
            public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
                return ConfigValidator.validate(before, after);
            }

            @Override
            public List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after) {
                return ConfigValidator.warnings(before, after);
            }

            @Override
            public List<ResourceUse> usedBy(ProxyConfig config, ResourceType type, String name) {
                return References.usedBy(config, type, name);
            }
        };
    }
}
