package io.penstock.plugin.bridge;

import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * The answer that a hook gives in the place of the upstream's, checked while it is put together. Methods return null, or
 * a text that says what is wrong.
 */
@WorkerConfined
final class AnswerDraft {
    private static final int STATUS_MIN = 200;
    private static final int STATUS_MAX = 599;
    private static final int REJECTION_MIN = 400;

    private @Nullable Answer answer;

    /** What has been put together; null if nothing. */
    @Nullable
    Answer answer() {
        return answer;
    }

    /**
     * Takes an answer of the script's own.
     *
     * @param pairs names and values of fields in turn
     * @param body bytes, or null
     */
    @Nullable
    String own(int status, Value pairs, Value body) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (long i = 0; i + 1 < pairs.getArraySize(); i += 2) {
            String fault = add(
                    headers,
                    pairs.getArrayElement(i).asString(),
                    pairs.getArrayElement(i + 1).asString());
            if (fault != null) {
                return fault;
            }
        }
        String fault = statusFault(status);
        if (fault != null) {
            return fault;
        }
        answer = new Answer(status, headers, GuestBytes.of(body));
        return null;
    }

    /** Takes a rejection: a problem document (RFC 9457), and a challenge (RFC 9110, 11.6.1) unless that is empty. */
    @Nullable
    String rejection(double status, String reason, String detail, String challenge, String requestId) {
        if (status < REJECTION_MIN || status > STATUS_MAX || status != Math.rint(status)) {
            return "a rejection's status is a whole number from " + REJECTION_MIN + " to " + STATUS_MAX;
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        headers.add(Map.entry("content-type", "application/problem+json"));
        String fault = challenge.isEmpty() ? null : add(headers, "www-authenticate", challenge);
        if (fault != null) {
            return fault;
        }
        answer = new Answer((int) status, headers, CallJson.problem((int) status, reason, detail, requestId));
        return null;
    }

    /** What is wrong with the status of an answer; null if nothing. */
    @Nullable
    static String statusFault(int status) {
        return status < STATUS_MIN || status > STATUS_MAX
                ? "a status is a whole number from " + STATUS_MIN + " to " + STATUS_MAX
                : null;
    }

    private static @Nullable String add(List<Map.Entry<String, String>> headers, String name, String value) {
        String fault = FieldGuard.fault(name, value);
        if (fault == null) {
            headers.add(Map.entry(name, value));
        }
        return fault;
    }
}
