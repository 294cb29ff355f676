package io.penstock.engine;

import java.util.List;
import java.util.Map;

/**
 * A sample request to be explained.
 *
 * @param method the method's token
 * @param url absolute, or a path with the host among the headers
 * @param headers names and values in order
 * @param listener by which it would come, empty for the first one
 * @param clientAddress from where it would come
 */
public record ExplainRequest(
        String method, String url, List<Map.Entry<String, String>> headers, String listener, String clientAddress) {
    public ExplainRequest {
        headers = List.copyOf(headers);
    }
}
