package io.penstock.admin.acme;

import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.SecretValue;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority that issues at once, or says no. */
final class FakeAuthority implements Authority {
    static final Duration LIFE = Duration.ofDays(90);

    private final Clock clock;
    final List<List<String>> orders = new ArrayList<>();
    Optional<OrderFailed> refusal = Optional.empty();

    /** What is issued in place of what is ordered. */
    Optional<Issued> other = Optional.empty();

    FakeAuthority(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Issued order(String certificate, CertificateAcmeConfig wanted, OrderAccount account) throws OrderFailed {
        orders.add(wanted.names());
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        return other.isPresent() ? other.get() : issue(clock.instant(), wanted.names());
    }

    /** A pair that is good from a time on. */
    static Issued issue(Instant from, List<String> names) {
        try {
            KeyPair keys = AccountKey.make();
            X500Name name = new X500Name("CN=" + names.getFirst());
            byte[] der = new JcaX509v3CertificateBuilder(
                            name,
                            java.math.BigInteger.valueOf(from.getEpochSecond()),
                            Date.from(from),
                            Date.from(from.plus(LIFE)),
                            name,
                            keys.getPublic())
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(names.stream()
                                    .map(each -> new GeneralName(GeneralName.dNSName, each))
                                    .toArray(GeneralName[]::new)))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
            return new Issued(
                    AccountKey.pem("CERTIFICATE", der), new SecretValue.Given(AccountKey.text(keys.getPrivate())));
        } catch (Exception impossible) {
            throw new AssertionError("a certificate can be made", impossible);
        }
    }
}
