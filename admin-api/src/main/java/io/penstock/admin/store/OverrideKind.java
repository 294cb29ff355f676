package io.penstock.admin.store;

/** What an override does to a target. A target may be drained and have its health said at once, each once. */
public enum OverrideKind {
    /** It takes no new requests. */
    DRAIN("drain"),
    /** It takes requests, whatever checks say. */
    HEALTHY("healthy"),
    /** It takes none, whatever checks say. */
    UNHEALTHY("unhealthy");

    private final String text;

    OverrideKind(String text) {
        this.text = text;
    }

    /** The word in the API and in the store. */
    public String text() {
        return text;
    }

    static OverrideKind parse(String text) {
        for (OverrideKind kind : values()) {
            if (kind.text.equals(text)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of override: " + text);
    }
}
