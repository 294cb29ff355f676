package io.penstock.admin.secret;

import io.penstock.admin.acme.AccountKey;
import io.penstock.admin.revision.ConfigCheck;
import io.penstock.config.AcmeAccountConfig;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.NamedMap;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import io.penstock.config.SecretValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settles the keys of ACME accounts beside all else: an account without one keeps the one it had, or gets a new one; what was given is
 * encrypted before anything is compared, shown or stored.
 */
public final class AccountCheck implements ConfigCheck {
    private final ConfigCheck rest;
    private final SecretVault vault;
    private final SecretSettling settling;

    /** This judgement beside another. */
    public AccountCheck(ConfigCheck rest, SecretVault vault) {
        this.rest = rest;
        this.vault = vault;
        settling = new SecretSettling(vault);
    }

    @Override
    public ProxyConfig complete(ProxyConfig before, ProxyConfig after) {
        List<AcmeAccountConfig> settled = new ArrayList<>();
        for (AcmeAccountConfig account : NamedMap.changed(before.acmeAccounts(), after.acmeAccounts())) {
            settled.add(account.with(settled(before.acmeAccounts(), account)));
        }
        return rest.complete(before, after.with(settled));
    }

    private SecretValue settled(NamedMap<AcmeAccountConfig> before, AcmeAccountConfig account) {
        Optional<SecretValue> old = before.find(account.name()).flatMap(AcmeAccountConfig::key);
        return account.key()
                .map(key -> settling.settled(key, old, before.stream().flatMap(other -> other.key().stream())))
                .or(() -> old)
                .orElseGet(() -> vault.guarded(() -> vault.seal(new SecretValue.Given(AccountKey.makeText()))));
    }

    @Override
    public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
        List<ConfigProblem> problems = new ArrayList<>(rest.problems(before, after));
        for (AcmeAccountConfig account : NamedMap.changed(before.acmeAccounts(), after.acmeAccounts())) {
            if (account.key().isPresent()) {
                look(account.name(), account.key().get(), problems);
            }
        }
        return problems;
    }

    private void look(String name, SecretValue key, List<ConfigProblem> problems) {
        switch (key) {
            case SecretValue.Kept kept ->
                problems.add(new ConfigProblem(
                        ResourceRef.of(ResourceType.ACME_ACCOUNTS, name),
                        "/key/stored",
                        ConfigProblem.UNKNOWN_REFERENCE,
                        "no key is stored here under this id",
                        Optional.of("leave key out: a new one is made, and the authority opens another account")));
            case SecretValue.Sealed sealed -> lookAtText(name, vault.open(sealed), problems);
            case SecretValue.Given given -> lookAtText(name, given.text(), problems);
            case SecretValue.Hashed hashed -> {}
        }
    }

    private static void lookAtText(String name, String text, List<ConfigProblem> problems) {
        try {
            AccountKey.read(text);
        } catch (PemText.Unreadable unreadable) {
            problems.add(new ConfigProblem(
                    ResourceRef.of(ResourceType.ACME_ACCOUNTS, name),
                    "/key",
                    ConfigProblem.BAD_VALUE,
                    String.valueOf(unreadable.getMessage()),
                    Optional.of("leave key out for one that is made here, or write one for EC or RSA in PEM")));
        }
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
