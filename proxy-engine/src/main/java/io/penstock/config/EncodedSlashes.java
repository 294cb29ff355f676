package io.penstock.config;

/** What happens to a path that holds %2F, %5C or %25. */
public enum EncodedSlashes implements Choice {
    /** 400. */
    REFUSE,
    /** It goes upstream, still encoded. */
    ALLOW
}
