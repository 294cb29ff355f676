package io.penstock.config;

import java.time.Instant;

/**
 * The value of a secret on its way: as an operator gives it, as a document that was exported names it, and as it is kept.
 * No text of any of them says what the value is.
 */
public sealed interface SecretValue {
    /** What is shown where a value would be. */
    String HIDDEN = "[secret]";

    /** The fewest characters of a value: a shorter one could not be taken out of logs without taking words with it. */
    int CHARS_MIN = 4;

    /** The most characters of a value. */
    int CHARS_MAX = 65_536;

    /**
     * A value as it is given; no revision holds it so.
     *
     * @param text the value itself
     */
    record Given(String text) implements SecretValue {
        public Given {
            if (text.length() < CHARS_MIN || text.length() > CHARS_MAX) {
                throw new IllegalArgumentException(
                        "found " + text.length() + " characters, wanted " + CHARS_MIN + " to " + CHARS_MAX);
            }
        }

        @Override
        public String toString() {
            return HIDDEN;
        }
    }

    /**
     * A value that is kept already; no revision holds it so.
     *
     * @param id of the value that is meant
     */
    record Kept(String id) implements SecretValue {}

    /**
     * A value that nobody needs to read back: only whether another is the same. As revisions hold it.
     *
     * @param id tells it from other values and nothing else about it
     * @param created when it was given
     * @param prefix how the value begins, for people to tell one from another; empty where that would say too much of it
     * @param hash the kind of the hash, a colon, and the hash: {@code hmac-sha256:BASE64} for what cannot be guessed,
     *     {@code pbkdf2-sha512:ITERATIONS:SALT:HASH} for passwords
     */
    record Hashed(String id, Instant created, String prefix, String hash) implements SecretValue {
        @Override
        public String toString() {
            return "Hashed[" + id + "]";
        }
    }

    /**
     * A value as revisions hold it.
     *
     * @param id tells it from other values and nothing else about it; also shown as its fingerprint
     * @param created when it was given
     * @param box the value, encrypted
     */
    record Sealed(String id, Instant created, String box) implements SecretValue {
        @Override
        public String toString() {
            return "Sealed[" + id + "]";
        }
    }
}
