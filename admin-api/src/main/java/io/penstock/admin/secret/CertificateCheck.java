package io.penstock.admin.secret;

import io.penstock.admin.revision.ConfigCheck;
import io.penstock.config.CertificateConfig;
import io.penstock.config.CertificateFacts;
import io.penstock.config.ConfigProblem;
import io.penstock.config.ConfigWarning;
import io.penstock.config.KeyPairCheck;
import io.penstock.config.NamedMap;
import io.penstock.config.PemText;
import io.penstock.config.ProxyConfig;
import io.penstock.config.ResourceRef;
import io.penstock.config.ResourceType;
import io.penstock.config.ResourceUse;
import io.penstock.config.SecretValue;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settles the keys of certificates beside all else: what was given is encrypted before anything is compared, shown or stored, and
 * what is named by its id is kept. A pair that no client could be shown is refused: a key of another certificate, a certificate
 * that has expired. One that expires later stays what it is.
 */
public final class CertificateCheck implements ConfigCheck {
    private static final String CERTIFICATE = "/certificate";
    private static final String KEY = "/key";
    private static final String EXPIRED = "expired";
    private static final String NOT_YET_VALID = "not-yet-valid";

    private final ConfigCheck rest;
    private final SecretVault vault;
    private final SecretSettling settling;
    private final Clock clock;

    /** This judgement beside another. */
    public CertificateCheck(ConfigCheck rest, SecretVault vault, Clock clock) {
        this.rest = rest;
        this.vault = vault;
        settling = new SecretSettling(vault);
        this.clock = clock;
    }

    @Override
    public ProxyConfig complete(ProxyConfig before, ProxyConfig after) {
        List<CertificateConfig> settled = new ArrayList<>();
        for (CertificateConfig certificate : NamedMap.changed(before.certificates(), after.certificates())) {
            CertificateConfig next = certificate
                    .key()
                    .map(key -> certificate.with(settled(before.certificates(), certificate.name(), key)))
                    .orElse(certificate);
            settled.add(
                    next.acme().isEmpty()
                            ? next
                            : IssuedPair.chosen(
                                    before.certificates().find(next.name()),
                                    next,
                                    certificate.key().stream().anyMatch(SecretValue.Given.class::isInstance),
                                    clock.instant()));
        }
        return rest.complete(before, after.with(settled));
    }

    private SecretValue settled(NamedMap<CertificateConfig> before, String name, SecretValue key) {
        return settling.settled(
                key,
                before.find(name).flatMap(CertificateConfig::key),
                before.stream().flatMap(other -> other.key().stream()));
    }

    @Override
    public List<ConfigProblem> problems(ProxyConfig before, ProxyConfig after) {
        List<ConfigProblem> problems = new ArrayList<>(rest.problems(before, after));
        for (CertificateConfig certificate : NamedMap.changed(before.certificates(), after.certificates())) {
            Optional<CertificateConfig> old = before.certificates().find(certificate.name());
            boolean isSamePair = old.isPresent()
                    && old.get().certificate().equals(certificate.certificate())
                    && old.get().key().equals(certificate.key());
            if (!isSamePair && certificate.hasPair()) {
                look(certificate, certificate.key().orElseThrow(), problems);
            }
        }
        return problems;
    }

    private void look(CertificateConfig certificate, SecretValue key, List<ConfigProblem> problems) {
        List<X509Certificate> chain;
        try {
            chain = certificate.chain();
        } catch (PemText.Unreadable told) {
            return;
        }
        KeyPairCheck.expiry(chain, clock.instant())
                .ifPresent(fault -> problems.add(problem(
                        certificate, CERTIFICATE, EXPIRED, fault, "write one that is valid; what is served stays")));
        switch (key) {
            case SecretValue.Kept kept ->
                problems.add(problem(
                        certificate,
                        KEY + "/stored",
                        ConfigProblem.UNKNOWN_REFERENCE,
                        "no key is stored here under this id",
                        "give the key itself, or leave the certificate out to keep it as it is"));
            case SecretValue.Sealed sealed -> lookAtKey(certificate, chain.getFirst(), vault.open(sealed), problems);
            case SecretValue.Given given -> lookAtKey(certificate, chain.getFirst(), given.text(), problems);
            case SecretValue.Hashed hashed -> {}
        }
    }

    private static void lookAtKey(
            CertificateConfig certificate, X509Certificate own, String text, List<ConfigProblem> problems) {
        PrivateKey key;
        try {
            key = PemText.privateKey(text);
        } catch (PemText.Unreadable unreadable) {
            problems.add(problem(
                    certificate,
                    KEY,
                    ConfigProblem.BAD_VALUE,
                    String.valueOf(unreadable.getMessage()),
                    "write the key in PEM, or {file: key.pem} beside the document"));
            return;
        }
        if (!KeyPairCheck.isKeyOf(key, own)) {
            CertificateFacts facts = CertificateFacts.of(own);
            problems.add(problem(
                    certificate,
                    KEY,
                    ConfigProblem.BAD_VALUE,
                    "found a key (" + key.getAlgorithm() + ") that is not the certificate's (" + facts.subject() + ", "
                            + facts.keyType() + ")",
                    "write the key that the certificate was asked for with, or the certificate of this key"));
        }
    }

    private static ConfigProblem problem(
            CertificateConfig certificate, String pointer, String code, String detail, String hint) {
        return new ConfigProblem(
                ResourceRef.of(ResourceType.CERTIFICATES, certificate.name()),
                pointer,
                code,
                detail,
                Optional.of(hint));
    }

    @Override
    public List<ConfigWarning> warnings(ProxyConfig before, ProxyConfig after) {
        List<ConfigWarning> warnings = new ArrayList<>(rest.warnings(before, after));
        for (CertificateConfig certificate : NamedMap.changed(before.certificates(), after.certificates())) {
            notYetValid(certificate)
                    .ifPresent(begin -> warnings.add(new ConfigWarning(
                            ResourceRef.of(ResourceType.CERTIFICATES, certificate.name()),
                            CERTIFICATE,
                            NOT_YET_VALID,
                            "it is valid from " + begin + " on, and clients refuse it until then",
                            Optional.of("look at the clocks, or write it later"))));
        }
        return warnings;
    }

    private Optional<Instant> notYetValid(CertificateConfig certificate) {
        try {
            Instant begin = certificate.chain().getFirst().getNotBefore().toInstant();
            return begin.isAfter(clock.instant()) ? Optional.of(begin) : Optional.empty();
        } catch (PemText.Unreadable told) {
            return Optional.empty();
        }
    }

    @Override
    public List<ResourceUse> usedBy(ProxyConfig config, ResourceType type, String name) {
        return rest.usedBy(config, type, name);
    }
}
