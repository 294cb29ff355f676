package io.penstock.admin.ocsp;

import io.penstock.config.CertificateConfig;
import java.util.Optional;

/** What operators may ask of it. Any thread but a worker; does not wait. */
@FunctionalInterface
public interface StatusPort {
    /** How it stands with a certificate; empty where its state is not fetched. */
    Optional<Stapling> of(CertificateConfig certificate);
}
