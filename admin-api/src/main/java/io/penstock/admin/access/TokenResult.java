package io.penstock.admin.access;

/** What became of a wish about tokens. */
public sealed interface TokenResult {

    /**
     * A token was made.
     *
     * @param secret to be shown once; it is kept nowhere
     */
    record Issued(TokenView token, String secret) implements TokenResult {
        @Override
        public String toString() {
            return "Issued[" + token + "]";
        }
    }

    /** A token was revoked, now or before. */
    record Revoked(TokenView token) implements TokenResult {}

    /** There is no such token: 404. */
    record NotFound(String id) implements TokenResult {}

    /** The last token that may do everything cannot be revoked: 409. Nobody could make another one. */
    record LastAdmin(String id) implements TokenResult {}

    /**
     * The wish is not valid: 422.
     *
     * @param pointer JSON Pointer into the wish
     */
    record Invalid(String pointer, String detail) implements TokenResult {}

    /** Nobody gives away more than they have: 403. */
    record TooWide(String role) implements TokenResult {}

    /** The setup token was claimed already, or there never was one: 409. */
    record NothingToClaim() implements TokenResult {}
}
