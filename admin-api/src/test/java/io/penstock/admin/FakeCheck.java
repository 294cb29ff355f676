package io.penstock.admin;

import io.penstock.admin.revision.ConfigCheck;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigValidator;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ProxyConfig;
import io.penstock.config.References;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import java.util.List;

/** The engine's own judgement, without an engine. */
final class FakeCheck implements ConfigCheck {
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
}
