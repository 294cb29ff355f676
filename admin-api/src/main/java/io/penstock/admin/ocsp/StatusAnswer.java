package io.penstock.admin.ocsp;

import java.time.Instant;

/**
 * An authority's word that a certificate is good.
 *
 * @param response as it was signed; not to be written to
 * @param until when it counts no more
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; handed to clients as it is.
record StatusAnswer(byte[] response, Instant from, Instant until) {}
