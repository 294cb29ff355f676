package io.penstock.config;

/** A version of TLS that is spoken; older ones never are (RFC 8996). */
public enum TlsVersion implements Choice {
    /** RFC 5246. */
    TLS_1_2("TLSv1.2"),
    /** RFC 8446. */
    TLS_1_3("TLSv1.3");

    private final String text;

    TlsVersion(String text) {
        this.text = text;
    }

    @Override
    public String text() {
        return text;
    }
}
