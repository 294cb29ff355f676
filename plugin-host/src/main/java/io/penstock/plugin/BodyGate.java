package io.penstock.plugin;

import io.penstock.http.Fields;
import java.util.List;
import java.util.Locale;

/**
 * Which bodies a plugin's body hooks see, by the head of their message: of the media types its manifest names, and with
 * {@code body.decode} none that is coded. Decoding is asked of the endpoint: it is told that only {@code identity} is
 * accepted; a body that comes coded all the same is not shown to a hook that would take it for something else.
 */
final class BodyGate {
    private static final String IDENTITY = "identity";

    private final boolean isDecoding;
    private final List<String> mediaTypes;

    /** What comes of a head. */
    enum Outcome {
        /** The hooks see the body. */
        SHOWN,
        /** The body is none of theirs. */
        SKIPPED,
        /** The body is coded, and the plugin wants it decoded. */
        CODED
    }

    BodyGate(Manifest.BodyRules rules) {
        this.isDecoding = rules.decode();
        this.mediaTypes = rules.contentTypes().stream()
                .map(type -> type.toLowerCase(Locale.ROOT))
                .toList();
    }

    /** Whether heads have to be looked at. */
    boolean isNeeded() {
        return isDecoding || !mediaTypes.isEmpty();
    }

    /** Asks the endpoint for an answer that needs no decoding. */
    void ask(Fields request) {
        if (isDecoding) {
            request.set("accept-encoding", IDENTITY);
        }
    }

    /** What is to be done about the body that follows a head. */
    Outcome of(Fields head) {
        if (!mediaTypes.isEmpty() && !isNamed(value(head, "content-type"))) {
            return Outcome.SKIPPED;
        }
        String coding = value(head, "content-encoding").strip();
        return isDecoding && !coding.isEmpty() && !coding.equalsIgnoreCase(IDENTITY) ? Outcome.CODED : Outcome.SHOWN;
    }

    private static String value(Fields head, String name) {
        int at = head.find(name);
        return at < 0 ? "" : head.value(at);
    }

    // RFC 9110, section 8.3.1: type and subtype without parameters, in any case.
    private boolean isNamed(String contentType) {
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        for (String named : mediaTypes) {
            boolean isRange = named.endsWith("/*");
            if (named.equals("*/*")
                    || (isRange ? type.startsWith(named.substring(0, named.length() - 1)) : type.equals(named))) {
                return true;
            }
        }
        return false;
    }
}
