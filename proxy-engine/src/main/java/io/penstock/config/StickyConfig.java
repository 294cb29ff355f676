package io.penstock.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** The cookie that brings a client back to its target. */
public record StickyConfig(
        @Doc("The cookie's name.") @Default("penstock-target")
        String cookie,

        @Doc("How long a browser keeps it; until it is closed if absent.")
        Optional<Duration> ttl,

        @Doc("Below which path it is sent.") @Default("/") String path,

        @Doc("To which hosts it is sent; only to the one that was asked if absent.")
        Optional<String> domain,

        @Doc("Whether it is sent over TLS only.") @Default("false")
        boolean secure,

        @Doc("Whether scripts of a page cannot read it.") @Default("true")
        boolean httpOnly,

        @Doc("To whose requests a browser adds it.") @Default("lax")
        SameSite sameSite) {
    private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e&&[^;,]]{0,255}");
    private static final Pattern DOMAIN = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

    public StickyConfig {
        new ValueChecks()
                .require(
                        Grammar.isToken(cookie) && cookie.length() <= 128,
                        "cookie",
                        "found \"" + ValueText.shown(cookie) + "\", wanted a token of at most 128 characters")
                .between("ttl", ttl.orElse(Duration.ofHours(1)), Duration.ofSeconds(1), Duration.ofDays(400))
                .require(
                        PATH.matcher(path).matches(),
                        "path",
                        "found \"" + ValueText.shown(path) + "\", wanted a path that begins with /")
                .require(
                        domain.map(name -> DOMAIN.matcher(name).matches()).orElse(true),
                        "domain",
                        "found \"" + ValueText.shown(domain.orElse("")) + "\", wanted a host name")
                .require(
                        sameSite != SameSite.NONE || secure,
                        "sameSite",
                        "found none without secure, which browsers refuse; write secure: true")
                .end();
    }
}
