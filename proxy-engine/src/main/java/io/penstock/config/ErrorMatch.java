package io.penstock.config;

import java.util.regex.Pattern;

/**
 * Which errors an error page is for: one status, {@code 404}; all of a class, {@code 5xx}; or one reason of the gateway's own,
 * {@code reason:rate-limited}.
 *
 * @param text as written
 */
public record ErrorMatch(String text) {
    private static final String REASON = "reason:";
    private static final Pattern TEXT = Pattern.compile("[45][0-9]{2}|[45]xx|reason:[a-z][a-z0-9-]{0,63}");

    public ErrorMatch {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("found \"" + ValueText.shown(text)
                    + "\", wanted a status of 400 to 599, 4xx, 5xx, or reason: and a reason's code, for example"
                    + " \"reason:rate-limited\"");
        }
    }

    /** Reads a match. */
    public static ErrorMatch parse(String text) {
        return new ErrorMatch(text);
    }

    /** Whether it is for the reason of this code. */
    public boolean isReason(String code) {
        return text.startsWith(REASON) && text.substring(REASON.length()).equals(code);
    }

    /** The code of the reason it is for; empty if it is for statuses. */
    public String reason() {
        return text.startsWith(REASON) ? text.substring(REASON.length()) : "";
    }

    /** Whether it is for this status and no other. */
    public boolean isStatus(int status) {
        return text.equals(Integer.toString(status));
    }

    /** Whether it is for all statuses of this one's class. */
    public boolean isClassOf(int status) {
        return text.endsWith("xx") && text.charAt(0) - '0' == status / 100;
    }

    @Override
    public String toString() {
        return text;
    }
}
