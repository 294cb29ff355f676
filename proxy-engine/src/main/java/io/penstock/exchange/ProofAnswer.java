package io.penstock.exchange;

import io.penstock.http.Method;
import io.penstock.http.RequestHead;
import io.penstock.snapshot.DomainProofs;
import io.penstock.spi.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a certificate authority gets that asks in clear text for the proof of a name (RFC 8555 section 8.3). Only what it was promised is
 * answered here; whatever else lies in that folder is for the routes.
 */
final class ProofAnswer {
    private static final byte[] FOLDER = DomainProofs.FOLDER.getBytes(StandardCharsets.US_ASCII);
    private static final List<Map.Entry<String, String>> FIELDS =
            List.of(Map.entry("Content-Type", "application/octet-stream"));

    private ProofAnswer() {}

    /** The answer to a request; null where it is none of those. */
    static @Nullable Answer to(RequestHead request, DownstreamStream stream, DomainProofs proofs) {
        if (proofs.hasNoTexts() || stream.tls() != null || !isInFolder(request)) {
            return null;
        }
        // The text is made for few requests, and only while something is to be proven.
        byte[] text = proofs.textFor(request.path().substring(FOLDER.length));
        return text == null ? null : new Answer(200, FIELDS, text);
    }

    private static boolean isInFolder(RequestHead request) {
        if (request.pathLength() <= FOLDER.length
                || (request.method() != Method.GET && request.method() != Method.HEAD)) {
            return false;
        }
        byte[] bytes = request.bytes();
        int offset = request.pathOffset();
        for (int i = 0; i < FOLDER.length; i++) {
            if (bytes[offset + i] != FOLDER[i]) {
                return false;
            }
        }
        return true;
    }
}
