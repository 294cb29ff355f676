package io.penstock.admin.secret;

import io.penstock.admin.revision.ConfigCheck;
import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.ConsumerConfig;
import io.penstock.config.CredentialConfig;
import io.penstock.config.HmacCredentialConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import io.penstock.config.SecretValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Settles the secrets of credentials beside all else: what was given is hashed or encrypted before anything is compared,
 * shown or stored, and what is named by its id is kept. A secret that is given again as it is changes nothing.
 */
public final class CredentialCheck implements ConfigCheck {
    private final ConfigCheck rest;
    private final SecretVault vault;

    /** This judgement beside another. */
    public CredentialCheck(ConfigCheck rest, SecretVault vault) {
        this.rest = rest;
        this.vault = vault;
    }

    @Override
    public ProxyConfig complete(ProxyConfig before, ProxyConfig after) {
        Stored stored = new Stored(before);
        List<ConsumerConfig> settled = new ArrayList<>();
        for (ConsumerConfig consumer : NamedMap.changed(before.consumers(), after.consumers())) {
            Optional<ConsumerConfig> old = before.consumers().find(consumer.name());
            settled.add(consumer.with(consumer.credentials().stream()
                    .map(credential -> credential.with(settled(credential, old, stored)))
                    .toList()));
        }
        return rest.complete(before, after.with(settled));
    }

    private SecretValue settled(CredentialConfig credential, Optional<ConsumerConfig> old, Stored stored) {
        return switch (credential.secret()) {
            case SecretValue.Sealed sealed -> sealed;
            case SecretValue.Hashed hashed -> hashed;
            case SecretValue.Kept kept -> kept(credential, kept, old, stored);
            case SecretValue.Given given ->
                old.stream()
                        .flatMap(present -> present.credentials().stream())
                        .filter(present -> isSame(present, credential, given))
                        .map(CredentialConfig::secret)
                        .findFirst()
                        .orElseGet(() -> vault.guarded(() -> stored(credential, given)));
        };
    }

    // Under its own consumer first; a document may also have renamed that.
    private static SecretValue kept(
            CredentialConfig credential, SecretValue.Kept kept, Optional<ConsumerConfig> old, Stored stored) {
        return old.stream()
                .flatMap(present -> present.credentials().stream())
                .filter(present ->
                        present.type().equals(credential.type()) && present.id().equals(Optional.of(kept.id())))
                .findFirst()
                .or(() -> stored.find(credential.type(), kept.id()))
                .map(CredentialConfig::secret)
                .orElse(kept);
    }

    private boolean isSame(CredentialConfig present, CredentialConfig wanted, SecretValue.Given given) {
        return switch (wanted) {
            case ApiKeyCredentialConfig key ->
                present instanceof ApiKeyCredentialConfig
                        && present.secret() instanceof SecretValue.Hashed hashed
                        && vault.isKeyOf(hashed, given);
            case BasicCredentialConfig basic ->
                present instanceof BasicCredentialConfig other
                        && other.username().equals(basic.username())
                        && present.secret() instanceof SecretValue.Hashed hashed
                        && CredentialHashes.isSlowOf(hashed.hash(), given);
            case HmacCredentialConfig hmac ->
                present instanceof HmacCredentialConfig other
                        && other.keyId().equals(hmac.keyId())
                        && present.secret() instanceof SecretValue.Sealed sealed
                        && vault.open(sealed).equals(given.text());
        };
    }

    private SecretValue stored(CredentialConfig credential, SecretValue.Given given) {
        return switch (credential) {
            case ApiKeyCredentialConfig key -> vault.hashKey(given);
            case BasicCredentialConfig basic -> vault.hashPassword(given);
            case HmacCredentialConfig hmac -> vault.seal(given);
        };
    }

    @Override
    public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
        List<ConfigProblem> problems = new ArrayList<>(rest.problems(before, after));
        for (ConsumerConfig consumer : NamedMap.changed(before.consumers(), after.consumers())) {
            for (int i = 0; i < consumer.credentials().size(); i++) {
                if (consumer.credentials().get(i).secret() instanceof SecretValue.Kept) {
                    problems.add(new ConfigProblem(
                            ResourceRef.of(ResourceType.CONSUMERS, consumer.name()),
                            "/credentials/" + i + "/secret/stored",
                            ConfigProblem.UNKNOWN_REFERENCE,
                            "no secret of this type is stored here under this id",
                            Optional.of("give the secret itself, or leave the credential out")));
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

    /** Every credential of a configuration by its id; read through at the first question, and not without one. */
    private static final class Stored {
        private final ProxyConfig config;
        private final Map<String, CredentialConfig> byId = new HashMap<>();
        private boolean isRead;

        Stored(ProxyConfig config) {
            this.config = config;
        }

        Optional<CredentialConfig> find(String type, String id) {
            if (!isRead) {
                isRead = true;
                for (ConsumerConfig consumer : config.consumers()) {
                    for (CredentialConfig credential : consumer.credentials()) {
                        credential.id().ifPresent(known -> byId.put(credential.type() + " " + known, credential));
                    }
                }
            }
            return Optional.ofNullable(byId.get(type + " " + id));
        }
    }
}
