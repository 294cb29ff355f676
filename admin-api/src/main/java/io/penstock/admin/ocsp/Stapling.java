package io.penstock.admin.ocsp;

import java.time.Instant;
import java.util.Optional;

/**
 * How it stands with the state of a certificate that is fetched.
 *
 * @param until when what is stapled counts no more; absent where nothing is
 * @param nextAttempt when the authority is asked next
 * @param lastError what the last question came to
 */
public record Stapling(Optional<Instant> until, Optional<Instant> nextAttempt, Optional<String> lastError) {}
