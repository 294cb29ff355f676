package io.penstock.snapshot;

import io.penstock.config.ApiKeyCredentialConfig;
import io.penstock.config.BasicCredentialConfig;
import io.penstock.config.CredentialConfig;
import io.penstock.config.HmacCredentialConfig;
import io.penstock.config.SecretValue;
import io.penstock.consumer.CredentialDigest;
import io.penstock.consumer.DigestKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where in the index a credential of the configuration stands: the digest of what a request brings of it. */
final class CredentialPlace {
    private static final String KEYED = "hmac-sha256:";

    private final CredentialDigest digest;
    private long high;
    private long low;

    CredentialPlace(CredentialDigest digest) {
        this.digest = digest;
    }

    /** The first half of the place found last. */
    long high() {
        return high;
    }

    /** Its second half. */
    long low() {
        return low;
    }

    void find(CredentialConfig credential) {
        switch (credential) {
            case ApiKeyCredentialConfig key -> {
                if (key.secret() instanceof SecretValue.Hashed hashed) {
                    ByteBuffer stored = ByteBuffer.wrap(
                            Base64.getDecoder().decode(hashed.hash().substring(KEYED.length())));
                    high = stored.getLong();
                    low = stored.getLong();
                } else {
                    find(DigestKind.API_KEY, given(key.secret()));
                }
            }
            case BasicCredentialConfig basic -> find(DigestKind.USERNAME, bytes(basic.username()));
            case HmacCredentialConfig hmac -> find(DigestKind.KEY_ID, bytes(hmac.keyId()));
        }
    }

    void find(DigestKind kind, byte[] of) {
        digest.digest(kind, of, 0, of.length);
        high = digest.high();
        low = digest.low();
    }

    /** A secret as it was given, in UTF-8. */
    static byte[] given(SecretValue secret) {
        if (secret instanceof SecretValue.Given given) {
            return bytes(given.text());
        }
        throw new IllegalStateException("a credential's secret is neither given nor stored: " + secret);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
