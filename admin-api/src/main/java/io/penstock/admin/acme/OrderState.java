package io.penstock.admin.acme;

import io.penstock.config.CertificateAcmeConfig;
import java.time.Instant;
import java.util.Optional;

/** What is remembered of one certificate's orders. Guarded by {@link CertificateOrders}. */
final class OrderState {
    /** What it was about; another wish is a new beginning. */
    CertificateAcmeConfig wanted;

    int failures;
    boolean isUnderWay;
    boolean isAskedFor;
    Optional<Instant> nextAttempt = Optional.empty();
    Optional<Instant> lastAttempt = Optional.empty();
    Optional<String> lastError = Optional.empty();

    /** What was issued and could not be written yet. */
    Optional<Issued> unwritten = Optional.empty();

    OrderState(CertificateAcmeConfig wanted) {
        this.wanted = wanted;
    }

    void begin(CertificateAcmeConfig other) {
        wanted = other;
        failures = 0;
        nextAttempt = Optional.empty();
        lastError = Optional.empty();
        unwritten = Optional.empty();
    }
}
