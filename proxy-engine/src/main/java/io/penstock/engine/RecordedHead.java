package io.penstock.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The head of a request that a worker took, without anything that could be a credential.
 *
 * @param at when it came
 * @param listener by which
 * @param clientAddress from where, as trusted peers say it
 * @param method the method's token
 * @param url absolute, but for {@code *}
 * @param headers names and values in order, without Host
 */
public record RecordedHead(
        Instant at,
        String listener,
        String clientAddress,
        String method,
        String url,
        List<Map.Entry<String, String>> headers) {
    public RecordedHead {
        headers = List.copyOf(headers);
    }

    /** The same as something to be explained. */
    public ExplainRequest toExplain() {
        return new ExplainRequest(method, url, headers, listener, clientAddress);
    }
}
