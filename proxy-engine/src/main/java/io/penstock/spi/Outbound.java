package io.penstock.spi;

import io.penstock.config.UpstreamTlsConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Requests that filters make of their own, on the worker's own connections: no second client, no second thread. Every
 * address a name resolves to is checked against the request's grant before a connection is made.
 */
public interface Outbound {
    /**
     * Sends a request. The listener is called later, never inside this call, and exactly once.
     *
     * @return a handle that gives the request up
     */
    Call send(Request request, Listener listener);

    /** Sends a request that may be sent twice, whatever its method says of that. */
    default Call sendRepeatable(Request request, Listener listener) {
        return send(request, listener);
    }

    /**
     * Sends a request to a service of the configuration, by its upstream's own balancing and health. The request's host, port
     * and grant are of no effect.
     */
    default Call sendTo(String service, Request request, Listener listener) {
        throw new UnsupportedOperationException("no service is known here");
    }

    /**
     * A request with a body in memory.
     *
     * @param method the method's token
     * @param tls how TLS is spoken, one of the ways that the configuration served names; empty for clear text
     * @param host name or address literal, without a port
     * @param port 1 to 65535
     * @param target path and query, beginning with a slash
     * @param headers field names and values in order; Host, framing and connection fields are the gateway's
     * @param body empty for none
     * @param timeoutNs until the response is complete
     * @param responseBytesMax a longer response body fails
     * @param grant which resolved addresses may be reached
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; handed to the connection as it is.
    record Request(
            String method,
            Optional<UpstreamTlsConfig> tls,
            String host,
            int port,
            String target,
            List<Map.Entry<String, String>> headers,
            byte[] body,
            long timeoutNs,
            int responseBytesMax,
            AddressGrant grant) {
        public Request {
            headers = List.copyOf(headers);
        }

        /** Whether it goes by TLS. */
        public boolean secure() {
            return tls.isPresent();
        }

        /** The port that need not be said. */
        public int standardPort() {
            return secure() ? 443 : 80;
        }
    }

    /**
     * A response in memory.
     *
     * @param status 200 to 999
     * @param headers field names and values in order, without those of framing and connection
     * @param body without framing, not decoded
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Response(int status, List<Map.Entry<String, String>> headers, byte[] body) {}

    /** Which resolved addresses a request may reach. Called on a resolver's or the worker's thread; pure. */
    interface AddressGrant {
        /** Whether the address, 4 or 16 bytes, may be reached. */
        boolean allows(byte[] address);
    }

    /** Hears what came of a request, on the worker. */
    interface Listener {
        /** The response is complete. */
        void responded(Response response);

        /** No complete response came; a stable code of {@code metrics.Reason}, and one sentence. */
        void failed(String reason, String detail);
    }

    /** A request under way. */
    interface Call {
        /** Gives the request up; its listener hears nothing more. */
        void cancel();
    }
}
