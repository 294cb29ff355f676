package io.penstock.snapshot;

import io.penstock.mark.SharedByWorkers;
import io.penstock.transport.tls.ServerContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What certificate authorities are shown that ask whether names are served here (RFC 8555 section 8): texts by the last segment of
 * their path, and certificates of their own by name. Immutable; beside revisions, since they last for seconds.
 */
@SharedByWorkers
public final class DomainProofs {
    /** The folder of the texts. */
    public static final String FOLDER = "/.well-known/acme-challenge/";

    /** Nothing is proven. */
    public static final DomainProofs NONE = new DomainProofs(Map.of(), Map.of());

    private final Map<String, byte[]> texts;
    private final Map<String, ServerContext> contexts;

    /**
     * Makes them.
     *
     * @param texts by token; not to be written to
     * @param contexts by name, in lower case
     */
    public DomainProofs(Map<String, byte[]> texts, Map<String, ServerContext> contexts) {
        this.texts = new HashMap<>(texts);
        this.contexts = new HashMap<>(contexts);
    }

    /** Whether there is no text. */
    public boolean hasNoTexts() {
        return texts.isEmpty();
    }

    /** The text for a token; null if none is known by it. */
    public byte @Nullable [] textFor(String token) {
        return texts.get(token);
    }

    /** What a handshake that only asks for a proof of this name is answered with; null for nothing. */
    public @Nullable ServerContext contextFor(String name) {
        return contexts.get(name);
    }
}
