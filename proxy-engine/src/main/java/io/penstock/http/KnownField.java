package io.penstock.http;

import java.util.Locale;

/**
 * The fields that Penstock knows by name. A name is classified once, when it is read: its length and its first and last
 * eight letters choose the one field that it can be (see {@link FieldNames}), and then it is compared.
 */
public enum KnownField {
    /** Any other field. */
    OTHER(Role.END_TO_END),
    HOST(Role.FRAMING),
    CONTENT_LENGTH(Role.FRAMING),
    TRANSFER_ENCODING(Role.FRAMING),
    CONNECTION(Role.HOP_BY_HOP),
    KEEP_ALIVE(Role.HOP_BY_HOP),
    UPGRADE(Role.HOP_BY_HOP),
    TE(Role.HOP_BY_HOP),
    HTTP2_SETTINGS(Role.HOP_BY_HOP),
    PROXY(Role.HOP_BY_HOP),
    PROXY_CONNECTION(Role.HOP_BY_HOP),
    PROXY_AUTHORIZATION(Role.HOP_BY_HOP),
    PROXY_AUTHENTICATE(Role.HOP_BY_HOP),
    PROXY_AUTHENTICATION_INFO(Role.HOP_BY_HOP),
    EXPECT(Role.HOP_BY_HOP),
    X_FORWARDED_FOR(Role.MADE_ANEW),
    X_FORWARDED_PROTO(Role.MADE_ANEW),
    X_FORWARDED_HOST(Role.MADE_ANEW),
    FORWARDED(Role.MADE_ANEW),
    VIA(Role.END_TO_END),
    X_REQUEST_ID(Role.MADE_ANEW),
    TRAILER(Role.END_TO_END),
    DATE(Role.END_TO_END),
    SERVER(Role.END_TO_END),
    LOCATION(Role.END_TO_END),
    RETRY_AFTER(Role.END_TO_END),
    ALLOW(Role.END_TO_END),
    AGE(Role.END_TO_END),
    VARY(Role.END_TO_END),
    ETAG(Role.END_TO_END),
    LAST_MODIFIED(Role.END_TO_END),
    CACHE_CONTROL(Role.END_TO_END),
    EXPIRES(Role.END_TO_END),
    PRAGMA(Role.END_TO_END),
    ACCEPT(Role.END_TO_END),
    ACCEPT_ENCODING(Role.END_TO_END),
    ACCEPT_LANGUAGE(Role.END_TO_END),
    ACCEPT_RANGES(Role.END_TO_END),
    AUTHORIZATION(Role.END_TO_END),
    WWW_AUTHENTICATE(Role.END_TO_END),
    COOKIE(Role.END_TO_END),
    SET_COOKIE(Role.END_TO_END),
    ORIGIN(Role.END_TO_END),
    REFERER(Role.END_TO_END),
    USER_AGENT(Role.END_TO_END),
    RANGE(Role.END_TO_END),
    IF_MATCH(Role.END_TO_END),
    IF_NONE_MATCH(Role.END_TO_END),
    IF_MODIFIED_SINCE(Role.END_TO_END),
    IF_UNMODIFIED_SINCE(Role.END_TO_END),
    IF_RANGE(Role.END_TO_END),
    MAX_FORWARDS(Role.END_TO_END),
    CONTENT_TYPE(Role.END_TO_END),
    CONTENT_ENCODING(Role.END_TO_END),
    CONTENT_LANGUAGE(Role.END_TO_END),
    CONTENT_LOCATION(Role.END_TO_END),
    CONTENT_RANGE(Role.END_TO_END),
    TRACEPARENT(Role.END_TO_END),
    TRACESTATE(Role.END_TO_END),
    CDN_LOOP(Role.END_TO_END);

    /** Who a field is meant for, which decides what becomes of it on the way through. */
    enum Role {
        /** Written from what was parsed, never copied; naming it in Connection is refused. */
        FRAMING,
        /** For the next hop only: read here, never passed on. */
        HOP_BY_HOP,
        /** Passed on from trusted peers only, else written anew. */
        MADE_ANEW,
        /** For every recipient: passed on, whatever Connection says. */
        END_TO_END
    }

    private static final KnownField[] ALL = values();
    private final Role role;
    private final String lowerName;

    KnownField(Role role) {
        this.role = role;
        this.lowerName = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name in lower case; empty for {@link #OTHER}. */
    public String lowerName() {
        return this == OTHER ? "" : lowerName;
    }

    Role role() {
        return role;
    }

    /** Its number in tables of fields and in bit sets, below 64; it never leaves the process. */
    @SuppressWarnings("EnumOrdinal") // A dense number that is never stored is what the ordinal is.
    public int id() {
        return ordinal();
    }

    /** Its bit in a set of known fields. */
    public long bit() {
        return 1L << id();
    }

    static KnownField at(int id) {
        return ALL[id];
    }

    /** Which field a name means. */
    static KnownField of(String lowerName) {
        ByteBuilder name = new ByteBuilder(lowerName.length()).append(lowerName);
        return at(FieldNames.idOf(name.array(), 0, name.length()));
    }
}
