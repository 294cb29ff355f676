package io.penstock.admin.secret;

import io.penstock.admin.revision.ConfigCheck;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settles the values of secrets beside all else: what was given is encrypted before anything is compared, shown or stored,
 * and what is named by its id is kept. A value that is given again as it is changes nothing.
 */
public final class SecretCheck implements ConfigCheck {

    private final ConfigCheck rest;
    private final SecretSettling settling;

    /** This judgement beside another. */
    public SecretCheck(ConfigCheck rest, SecretVault vault) {
        this.rest = rest;
        settling = new SecretSettling(vault);
    }

    @Override
    public ProxyConfig complete(ProxyConfig before, ProxyConfig after) {
        List<SecretConfig> settled = new ArrayList<>();
        for (SecretConfig secret : NamedMap.changed(before.secrets(), after.secrets())) {
            settled.add(secret.with(settling.settled(
                    secret.value(),
                    before.secrets().find(secret.name()).map(SecretConfig::value),
                    before.secrets().stream().map(SecretConfig::value))));
        }
        return rest.complete(before, after.with(settled));
    }

    @Override
    public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
        List<ConfigProblem> problems = new ArrayList<>(rest.problems(before, after));
        for (SecretConfig secret : NamedMap.changed(before.secrets(), after.secrets())) {
            if (secret.value() instanceof SecretValue.Kept) {
                problems.add(new ConfigProblem(
                        ResourceRef.of(ResourceType.SECRETS, secret.name()),
                        "/value/stored",
                        ConfigProblem.UNKNOWN_REFERENCE,
                        "no value is stored here under this id",
                        Optional.of("give the value itself, or leave the secret out to keep it as it is")));
            }
            if (!secret.enabled()) {
                List<ResourceUse> users = usedBy(after, ResourceType.SECRETS, secret.name());
                if (!users.isEmpty()) {
                    problems.add(new ConfigProblem(
                            ResourceRef.of(ResourceType.SECRETS, secret.name()),
                            "/enabled",
                            ConfigProblem.IN_USE,
                            "it is used by " + users.getFirst().user() + " ("
                                    + users.getFirst().pointer() + ")",
                            Optional.of("take it out there first, or in the same edit")));
                }
            }
        }
        return problems;
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
