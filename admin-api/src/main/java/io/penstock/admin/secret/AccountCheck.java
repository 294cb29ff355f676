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

    /** This judgement beside another. */
    public AccountCheck(ConfigCheck rest, SecretVault vault) {
        this.rest = rest;
        this.vault = vault;
    }

    @Override
    public ProxyConfig complete(ProxyConfig before, ProxyConfig after) {
        List<AcmeAccountConfig> settled = new ArrayList<>();
        for (AcmeAccountConfig account : changed(before, after)) {
            settled.add(account.with(settled(before.acmeAccounts(), account)));
        }
        return rest.complete(before, after.with(settled));
    }

    private static List<AcmeAccountConfig> changed(ProxyConfig before, ProxyConfig after) {
        List<AcmeAccountConfig> changed = new ArrayList<>();
        NamedMap.diff(before.acmeAccounts(), after.acmeAccounts(), (name, old, present) -> {
            if (present != null) {
                changed.add(present);
            }
        });
        return changed;
    }

    private SecretValue settled(NamedMap<AcmeAccountConfig> before, AcmeAccountConfig account) {
        Optional<SecretValue> old = before.find(account.name()).flatMap(AcmeAccountConfig::key);
        if (account.key().isEmpty()) {
            return old.orElseGet(() -> vault.guarded(() -> vault.seal(new SecretValue.Given(AccountKey.makeText()))));
        }
        return switch (account.key().get()) {
            case SecretValue.Sealed sealed -> sealed;
            case SecretValue.Kept kept -> kept(before, old, kept);
            case SecretValue.Given given ->
                old.filter(value -> value instanceof SecretValue.Sealed sealed
                                && vault.open(sealed).equals(given.text()))
                        .orElseGet(() -> vault.guarded(() -> vault.seal(given)));
            // Only credentials are; a key has to be read back.
            case SecretValue.Hashed hashed -> hashed;
        };
    }

    // Under its own name first; a document may also have renamed it.
    private static SecretValue kept(
            NamedMap<AcmeAccountConfig> before, Optional<SecretValue> own, SecretValue.Kept kept) {
        return own.filter(value -> hasId(value, kept.id()))
                .or(() -> before.stream()
                        .flatMap(account -> account.key().stream())
                        .filter(value -> hasId(value, kept.id()))
                        .findFirst())
                .orElse(kept);
    }

    private static boolean hasId(SecretValue value, String id) {
        return value instanceof SecretValue.Sealed sealed && sealed.id().equals(id);
    }

    @Override
    public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
        List<ConfigProblem> problems = new ArrayList<>(rest.problems(before, after));
        for (AcmeAccountConfig account : changed(before, after)) {
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
