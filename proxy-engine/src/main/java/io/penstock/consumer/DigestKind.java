package io.penstock.consumer;

import java.nio.charset.StandardCharsets;

/** What a digest is of. Digests of different kinds never meet, whatever the bytes are. */
public enum DigestKind {
    /** A whole API key. */
    API_KEY("apiKey"),
    /** The user name of the Basic scheme. */
    USERNAME("basic"),
    /** The name of a shared secret. */
    KEY_ID("hmac"),
    /** A consumer's name. */
    NAME("name");

    @SuppressWarnings("ImmutableEnumChecker") // Bytes, since each request digests them; nobody writes to them.
    private final byte[] label;

    DigestKind(String label) {
        this.label = (label + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    /** What stands before the bytes; not to be written to. */
    byte[] label() {
        return label;
    }
}
