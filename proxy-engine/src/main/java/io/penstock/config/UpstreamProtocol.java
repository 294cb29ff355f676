package io.penstock.config;

/** What an upstream's targets speak. */
public enum UpstreamProtocol implements Choice {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2. */
    HTTP2,
    /** By TLS what the target chooses, else HTTP/1.1. */
    AUTO
}
