package io.penstock.config;

/** A version of the PROXY protocol. */
public enum ProxyVersion implements Choice {
    /** One line of text with two addresses. */
    V1,
    /** Binary, with what is known of TLS and of the connection. */
    V2
}
