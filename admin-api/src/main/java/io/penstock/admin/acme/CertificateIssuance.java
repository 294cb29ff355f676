package io.penstock.admin.acme;

import io.penstock.config.CertificateConfig;
import java.time.Duration;
import java.util.Optional;

/** What operators may ask of orders. Any thread but a worker; does not wait. */
public interface CertificateIssuance {
    /** How it stands with a certificate; empty for one that no authority issues. */
    Optional<Issuance> of(CertificateConfig certificate);

    /** Has a certificate ordered anew, now. */
    Renewal renew(CertificateConfig certificate);

    /** What becomes of that wish. */
    sealed interface Renewal {
        /** An order begins within a second. */
        record Begins() implements Renewal {}

        /** One is under way. */
        record UnderWay() implements Renewal {}

        /** The last one was only just: authorities count orders. */
        record TooSoon(Duration pause) implements Renewal {}

        /** No authority issues it, or it is disabled. */
        record NotOrdered() implements Renewal {}
    }
}
