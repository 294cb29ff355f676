package io.penstock.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One signature of a request as the fields {@code Signature-Input} and {@code Signature} tell it (RFC 9421 section 4), of
 * which a strict part is read: one signature, components without parameters, known parameters once each.
 *
 * @param components what is signed, in order
 * @param parameters the inner list and its parameters exactly as they came: the last line of what is signed
 * @param created seconds since 1970
 * @param expires the same; {@link Long#MAX_VALUE} if it is not said
 * @param keyId which secret
 * @param signature base64 between the colons
 */
record MessageSignature(
        List<String> components, String parameters, long created, long expires, String keyId, String signature) {
    private static final int TEXT_MAX = 8192;
    private static final int COMPONENTS_MAX = 64;

    MessageSignature {
        components = List.copyOf(components);
    }

    /** What the values of the two fields say; empty if they say anything else. */
    static Optional<MessageSignature> parse(String input, String signature) {
        if (input.length() > TEXT_MAX || signature.length() > TEXT_MAX) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Reader(input).read(signature));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** Reads from left to right; whatever does not fit is an {@link IllegalArgumentException}. */
    private static final class Reader {
        private final String text;
        private int at;
        private long created = -1;
        private long expires = Long.MAX_VALUE;
        private String keyId = "";
        private final List<String> seen = new ArrayList<>();

        Reader(String text) {
            this.text = text;
        }

        MessageSignature read(String signature) {
            String label = key();
            expect('=');
            int begin = at;
            List<String> components = components();
            while (at < text.length()) {
                parameter();
            }
            String prefix = label + "=:";
            if (created < 0
                    || keyId.isEmpty()
                    || signature.length() <= prefix.length()
                    || !signature.startsWith(prefix)
                    || !signature.endsWith(":")) {
                throw new IllegalArgumentException("something is missing");
            }
            return new MessageSignature(
                    components,
                    text.substring(begin),
                    created,
                    expires,
                    keyId,
                    signature.substring(prefix.length(), signature.length() - 1));
        }

        private List<String> components() {
            List<String> components = new ArrayList<>();
            expect('(');
            while (peek() != ')') {
                if (!components.isEmpty()) {
                    expect(' ');
                }
                String component = string();
                if (components.contains(component) || components.size() == COMPONENTS_MAX) {
                    throw new IllegalArgumentException("a component is there twice, or there are too many");
                }
                components.add(component);
            }
            expect(')');
            return components;
        }

        private void parameter() {
            expect(';');
            String name = key();
            if (seen.contains(name)) {
                throw new IllegalArgumentException("a parameter is there twice");
            }
            seen.add(name);
            expect('=');
            switch (name) {
                case "created" -> created = integer();
                case "expires" -> expires = integer();
                case "keyid" -> keyId = string();
                case "alg" -> {
                    if (!string().equals("hmac-sha256")) {
                        throw new IllegalArgumentException("another algorithm");
                    }
                }
                case "nonce", "tag" -> string();
                default -> throw new IllegalArgumentException("an unknown parameter");
            }
        }

        private String key() {
            int begin = at;
            while (at < text.length() && isOfKey(text.charAt(at))) {
                at++;
            }
            if (at == begin) {
                throw new IllegalArgumentException("no key");
            }
            return text.substring(begin, at);
        }

        private static boolean isOfKey(char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '*';
        }

        private String string() {
            expect('"');
            int begin = at;
            while (peek() != '"') {
                char c = text.charAt(at++);
                if (c < 0x20 || c > 0x7e || c == '\\') {
                    throw new IllegalArgumentException("a character that is not taken");
                }
            }
            String string = text.substring(begin, at);
            expect('"');
            return string;
        }

        private long integer() {
            int begin = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == begin || at - begin > 15) {
                throw new IllegalArgumentException("no number");
            }
            return Long.parseLong(text.substring(begin, at));
        }

        private char peek() {
            if (at >= text.length()) {
                throw new IllegalArgumentException("it ends too early");
            }
            return text.charAt(at);
        }

        private void expect(char c) {
            if (peek() != c) {
                throw new IllegalArgumentException("wanted another character");
            }
            at++;
        }
    }
}
