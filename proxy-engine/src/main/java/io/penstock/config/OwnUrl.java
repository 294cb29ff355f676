package io.penstock.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Addresses at which the gateway itself asks, on connections of its workers: in clear text, or by TLS as it is spoken with targets. */
final class OwnUrl {
    private static final int CHARS_MAX = 2048;
    private static final UpstreamTlsConfig USUAL = UpstreamTlsConfig.usual();
    private static final List<Cidr> INWARD = Stream.of(
                    "10.0.0.0/8",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "100.64.0.0/10",
                    "169.254.0.0/16",
                    "fc00::/7",
                    "fe80::/10")
            .map(Cidr::parse)
            .toList();

    private OwnUrl() {}

    /**
     * Checks one, and that how TLS is spoken is said only where it is.
     *
     * @param isInsecure whether clear text may leave this machine
     */
    static void check(
            ValueChecks checks, String member, String url, boolean isInsecure, Optional<UpstreamTlsConfig> tls) {
        URI uri = parsed(url);
        String shown = "found \"" + ValueText.shown(url) + "\", wanted ";
        if (uri == null || uri.getHost() == null || url.length() > CHARS_MAX) {
            checks.require(
                    false, member, shown + "an http or https URL with a host, of at most " + CHARS_MAX + " characters");
            return;
        }
        checks.require(
                        isSecure(uri) || "http".equalsIgnoreCase(uri.getScheme()),
                        member,
                        shown + "an http or https URL")
                .require(
                        uri.getUserInfo() == null && uri.getFragment() == null,
                        member,
                        shown + "a URL without a user and without a fragment")
                .require(
                        isSecure(uri) || isInsecure || isLoopback(uri.getHost()),
                        member,
                        shown + "https, or an address of this machine: what is sent there is secret and not encrypted;"
                                + " write insecure: true where the network between is trusted")
                .require(
                        isSecure(uri) || tls.isEmpty(),
                        "tls",
                        "found how TLS is spoken with " + member + " \"" + ValueText.shown(url)
                                + "\", wanted an https URL there, or no tls");
    }

    /** How TLS is spoken with an address; empty for clear text. */
    static Optional<UpstreamTlsConfig> tls(String url, Optional<UpstreamTlsConfig> tls) {
        URI uri = parsed(url);
        return uri != null && isSecure(uri) ? tls.or(() -> Optional.of(USUAL)) : Optional.empty();
    }

    /** Whether what is asked at an address can be read and changed on its way through networks that nobody here can know. */
    static boolean isExposed(String url) {
        URI uri = parsed(url);
        return uri != null && uri.getHost() != null && !isSecure(uri) && !isInward(uri.getHost());
    }

    private static boolean isSecure(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
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

    // Addresses of private networks (RFC 1918, RFC 4193, RFC 6598, link-local), and names that no public DNS may hold:
    // of one label, and
    // those below "local" (RFC 6762), "home.arpa" (RFC 8375) and "internal".
    private static boolean isInward(String host) {
        if (isLoopback(host)) {
            return true;
        }
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        Optional<IpAddress> address = IpAddress.of(bare);
        if (address.isPresent()) {
            return INWARD.stream()
                    .anyMatch(block -> block.contains(address.get().bytes()));
        }
        return bare.indexOf('.') < 0 || bare.matches("(?i).*\\.(local|localhost|internal|home\\.arpa)\\.?");
    }
}
