package io.penstock.admin;

import io.penstock.admin.acme.CertificateIssuance;
import io.penstock.admin.acme.Issuance;
import io.penstock.config.CertificateConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Orders that a test speaks for. */
final class FakeIssuance implements CertificateIssuance {
    final List<String> renewed = new ArrayList<>();
    Renewal answer = new Renewal.Begins();

    @Override
    public Optional<Issuance> of(CertificateConfig certificate) {
        return certificate
                .acme()
                .map(acme -> new Issuance(
                        Issuance.State.PENDING,
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
    }

    @Override
    public Renewal renew(CertificateConfig certificate) {
        renewed.add(certificate.name());
        return answer;
    }
}
