package io.penstock.spi;

import java.util.List;
import java.util.Map;

/**
 * A whole response made inside the gateway.
 *
 * @param status 200 to 599
 * @param headers field names and values in order; framing and connection fields are the gateway's and refused here
 * @param body the body, empty for none; not copied, so it must not change afterwards
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; handed to the channel as it is.
public record Answer(int status, List<Map.Entry<String, String>> headers, byte[] body) {
    public Answer {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("answer: status " + status + " is not between 200 and 599");
        }
        headers = List.copyOf(headers);
    }
}
