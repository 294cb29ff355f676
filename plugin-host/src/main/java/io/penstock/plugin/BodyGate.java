package io.penstock.plugin;

import io.penstock.http.Fields;
import io.penstock.spi.BodyCodings;
import java.util.List;
import java.util.Locale;

/**
 * Which bodies a plugin's body hooks see, by the head of their message: of the media types its manifest names, and with
 * {@code body.decode} none under a coding that the gateway cannot undo. The endpoint is asked for no other than those it can;
 * a body that comes otherwise all the same is not shown to a hook that would take it for something else.
 */
final class BodyGate {
    private static final String ACCEPT_ENCODING = "accept-encoding";
    private static final String CONTENT_ENCODING = "content-encoding";
    private static final String PARTIAL = "content-range";

    private final boolean isDecoding;
    private final List<String> mediaTypes;

    /** What comes of a head. */
    enum Outcome {
        /** The hooks see the body. */
        SHOWN,
        /** The body is none of theirs. */
        SKIPPED,
        /** The body is coded so that it cannot be decoded, and the plugin wants it decoded. */
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

    /**
     * Asks the endpoint for an answer that can be decoded: a whole one, since a range of coded bytes cannot (RFC 9110
     * section 14.2 lets a server ignore Range), and under a coding that is known.
     */
    void ask(Fields request) {
        if (!isDecoding) {
            return;
        }
        request.remove("range");
        request.remove("if-range");
        int at = request.find(ACCEPT_ENCODING);
        if (at >= 0) {
            StringBuilder accepted = new StringBuilder(request.value(at));
            for (at = request.find(ACCEPT_ENCODING, at + 1); at >= 0; at = request.find(ACCEPT_ENCODING, at + 1)) {
                accepted.append(", ").append(request.value(at));
            }
            request.set(ACCEPT_ENCODING, BodyCodings.acceptable(accepted.toString()));
        }
    }

    /** What is to be done about the body that follows a head. */
    Outcome of(Fields head) {
        if (!mediaTypes.isEmpty() && !isNamed(value(head, "content-type"))) {
            return Outcome.SKIPPED;
        }
        return isDecoding && !isReadable(head) ? Outcome.CODED : Outcome.SHOWN;
    }

    private static boolean isReadable(Fields head) {
        int at = head.find(CONTENT_ENCODING);
        if (at < 0 || BodyCodings.isIdentity(head.value(at))) {
            return true;
        }
        return head.find(CONTENT_ENCODING, at + 1) < 0
                && head.find(PARTIAL) < 0
                && BodyCodings.isReadable(head.value(at));
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
