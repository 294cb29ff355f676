package io.penstock.config;

/** How it is proven to a certificate authority that a name is served here. */
public enum AcmeChallengeType implements Choice {
    /** By a text on a listener in clear text, on port 80 from outside (RFC 8555 section 8.3). */
    HTTP_01("http-01"),
    /** By a handshake with an https listener, on port 443 from outside (RFC 8737). */
    TLS_ALPN_01("tls-alpn-01");

    private final String text;

    AcmeChallengeType(String text) {
        this.text = text;
    }

    @Override
    public String text() {
        return text;
    }
}
