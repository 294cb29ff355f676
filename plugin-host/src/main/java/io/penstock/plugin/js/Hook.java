package io.penstock.plugin.js;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The hooks of the contract, by the names scripts give them. */
public enum Hook {
    SETUP("setup"),
    AUTHENTICATE("authenticate"),
    ON_REQUEST("onRequest"),
    ON_UPSTREAM_REQUEST("onUpstreamRequest"),
    ON_RESPONSE("onResponse"),
    ON_REQUEST_BODY("onRequestBody"),
    ON_RESPONSE_BODY("onResponseBody"),
    ON_RESPONSE_TRAILERS("onResponseTrailers"),
    ON_ERROR("onError"),
    ON_LOG("onLog"),
    FETCH("fetch");

    private final String member;

    @SuppressWarnings("ImmutableEnumChecker") // nobody writes to it
    private final byte[] memberBytes;

    Hook(String member) {
        this.member = member;
        this.memberBytes = member.getBytes(StandardCharsets.US_ASCII);
    }

    /** The member of the default export. */
    public String member() {
        return member;
    }

    /** The same as bytes, for the trail; not to be written to. */
    public byte[] memberBytes() {
        return memberBytes;
    }

    /** The hook of a name. */
    public static Optional<Hook> of(String member) {
        for (Hook hook : values()) {
            if (hook.member.equals(member)) {
                return Optional.of(hook);
            }
        }
        return Optional.empty();
    }
}
