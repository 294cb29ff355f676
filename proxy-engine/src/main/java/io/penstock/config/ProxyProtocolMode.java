package io.penstock.config;

/** What a listener makes of PROXY headers. */
public enum ProxyProtocolMode implements Choice {
    /** None is looked for. */
    OFF,
    /** Trusted peers may send one. */
    OPTIONAL,
    /** Every connection begins with one, from a trusted peer. */
    REQUIRED
}
