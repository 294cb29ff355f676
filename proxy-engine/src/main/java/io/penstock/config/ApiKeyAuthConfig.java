package io.penstock.config;

import java.util.Optional;

/** Finds out who calls by a key that a consumer has as a credential of type apiKey. */
@TypeTag("apiKey")
public record ApiKeyAuthConfig(
        @Doc("The header that holds the key; X-API-Key if neither a query parameter nor a cookie is named.")
        Optional<String> header,

        @Doc("The query parameter that holds the key, instead of a header.")
        Optional<String> query,

        @Doc("The cookie that holds the key, instead of a header.")
        Optional<String> cookie,

        @Doc("Whether the key is taken out of the request before it goes on, and out of what is logged of its query.")
        @Default("true")
        boolean hideCredential,

        @Doc("Whether the entry takes part.") @Default("true")
        boolean enabled)
        implements AuthConfig {
    /** The header where nothing else is named. */
    public static final String HEADER_DEFAULT = "X-API-Key";

    private static final int NAME_CHARS_MAX = 128;

    public ApiKeyAuthConfig {
        ValueChecks checks = new ValueChecks()
                .require(
                        header.stream().count()
                                        + query.stream().count()
                                        + cookie.stream().count()
                                <= 1,
                        "header",
                        "found more than one of header, query and cookie, wanted one: write an entry for each place");
        header.ifPresent(name -> checkToken(checks, "header", name));
        cookie.ifPresent(name -> checkToken(checks, "cookie", name));
        query.ifPresent(name -> checks.require(
                !name.isEmpty()
                        && name.length() <= NAME_CHARS_MAX
                        && name.chars().allMatch(c -> c > 0x20 && c < 0x7f),
                "query",
                "found \"" + ValueText.shown(name) + "\", wanted 1 to " + NAME_CHARS_MAX
                        + " visible ASCII characters"));
        checks.end();
    }

    private static void checkToken(ValueChecks checks, String member, String name) {
        checks.require(
                name.length() <= NAME_CHARS_MAX && name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+"),
                member,
                "found \"" + ValueText.shown(name) + "\", wanted a token of at most " + NAME_CHARS_MAX + " characters");
    }

    /** A key in a header. */
    public static ApiKeyAuthConfig inHeader(String name) {
        return new ApiKeyAuthConfig(Optional.of(name), Optional.empty(), Optional.empty(), true, true);
    }

    /** A key in a query parameter. */
    public static ApiKeyAuthConfig inQuery(String name) {
        return new ApiKeyAuthConfig(Optional.empty(), Optional.of(name), Optional.empty(), true, true);
    }

    /** A key in a cookie. */
    public static ApiKeyAuthConfig inCookie(String name) {
        return new ApiKeyAuthConfig(Optional.empty(), Optional.empty(), Optional.of(name), true, true);
    }
}
