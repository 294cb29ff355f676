package io.penstock.spi;

/** What is known of an exchange when its reply has left; valid during {@link Filter#onLog} only. */
public interface ExchangeSummary {
    /** The status that went to the client, 0 if none did. */
    int status();

    /** The reason code of the refusal or failure, empty for none. */
    String reason();

    /** From the request's first byte to the reply's last, in nanoseconds. */
    long totalNs();

    /** From the request's head sent upstream to the response's end, in nanoseconds; 0 without an upstream. */
    long upstreamNs();

    /** Bytes of the request's body. */
    long requestBytes();

    /** Bytes of the response's body. */
    long responseBytes();

    /** Name of the upstream, empty if none was asked. */
    String upstream();

    /** Address of the endpoint of the last try, empty if none was asked. */
    String endpoint();

    /** How many tries were made. */
    int attempts();
}
