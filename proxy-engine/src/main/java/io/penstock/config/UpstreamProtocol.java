package io.penstock.config;

/** What an upstream's targets speak. */
public enum UpstreamProtocol implements Choice {
    /** HTTP/1.1. */
    HTTP1,
    /** HTTP/2. */
    HTTP2,
    /** Whatever the target offers. */
    AUTO
}
