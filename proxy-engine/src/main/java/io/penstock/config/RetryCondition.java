package io.penstock.config;

import java.util.ArrayList;
import java.util.List;

/**
 * What a try may have come to so that another one follows: a word, or the status of an answer.
 *
 * @param kind what it is
 * @param status of {@link Kind#STATUS}, 400 to 599; 0 for the others
 */
public record RetryCondition(Kind kind, int status) {
    /** What a try came to. */
    public enum Kind implements Choice {
        /** No connection could be made, or not in time. */
        CONNECT_FAILURE,
        /** The connection was lost before the answer's head was complete. */
        RESET,
        /** The answer's head did not come in time. */
        TIMEOUT,
        /** The answer has a status from 500 to 599, written {@code 5xx}. */
        SERVER_ERROR,
        /** The answer has one status. */
        STATUS
    }

    private static final String SERVER_ERRORS = "5xx";
    private static final int STATUS_MIN = 400;
    private static final int STATUS_MAX = 599;

    public RetryCondition {
        if (kind == Kind.STATUS && (status < STATUS_MIN || status > STATUS_MAX)) {
            throw new IllegalArgumentException(
                    "found status " + status + ", wanted one of an error, " + STATUS_MIN + " to " + STATUS_MAX);
        }
    }

    /**
     * Reads a condition.
     *
     * @throws IllegalArgumentException if the text is neither one of the words nor the status of an error
     */
    public static RetryCondition parse(String text) {
        if (text.matches("[0-9]{1,9}")) {
            return new RetryCondition(Kind.STATUS, Integer.parseInt(text));
        }
        List<String> words = new ArrayList<>();
        for (Kind kind : List.of(Kind.CONNECT_FAILURE, Kind.RESET, Kind.TIMEOUT, Kind.SERVER_ERROR)) {
            RetryCondition condition = new RetryCondition(kind, 0);
            if (condition.toString().equals(text)) {
                return condition;
            }
            words.add(condition.toString());
        }
        throw new IllegalArgumentException("found \"" + ValueText.shown(text) + "\", wanted one of \""
                + String.join("\", \"", words) + "\" or the status of an error, for example 503"
                + Spelling.nearest(text, words)
                        .map(near -> "; did you mean \"" + near + "\"?")
                        .orElse(""));
    }

    @Override
    public String toString() {
        return switch (kind) {
            case STATUS -> Integer.toString(status);
            case SERVER_ERROR -> SERVER_ERRORS;
            case CONNECT_FAILURE, RESET, TIMEOUT -> kind.text();
        };
    }
}
