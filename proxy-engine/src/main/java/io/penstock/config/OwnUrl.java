package io.penstock.config;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** Checks addresses at which the gateway itself asks, on connections of its workers. */
final class OwnUrl {
    private static final int CHARS_MAX = 2048;

    private OwnUrl() {}

    /** @param isInsecure whether clear text may leave this machine */
    static void check(ValueChecks checks, String member, String url, boolean isInsecure) {
        URI uri = parsed(url);
        String shown = "found \"" + ValueText.shown(url) + "\", wanted ";
        if (uri == null || uri.getHost() == null || url.length() > CHARS_MAX) {
            checks.require(false, member, shown + "an http URL with a host, of at most " + CHARS_MAX + " characters");
            return;
        }
        checks.require(
                        "http".equalsIgnoreCase(uri.getScheme()),
                        member,
                        shown + "an http URL: this version makes no TLS connections of its own;"
                                + " name a TLS proxy on this machine instead")
                .require(
                        uri.getUserInfo() == null && uri.getFragment() == null,
                        member,
                        shown + "a URL without a user and without a fragment")
                .require(
                        isInsecure || isLoopback(uri.getHost()),
                        member,
                        shown + "an address of this machine: what is sent there is secret and not encrypted;"
                                + " write insecure: true where the network between is trusted");
    }

    private static @Nullable URI parsed(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException noUri) {
            return null;
        }
    }

    // By its text alone: what a name resolves to is another's to say.
    static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.equals("[::1]")
                || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}");
    }
}
