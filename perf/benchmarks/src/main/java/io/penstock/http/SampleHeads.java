package io.penstock.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** The messages that the benchmarks read and write: what wrk and an nginx behind it send, five fields each. */
final class SampleHeads {
    static final String REQUEST = """
            GET /api/v1/orders/4711?expand=lines HTTP/1.1
            Host: shop.example:8080
            User-Agent: Mozilla/5.0 (X11; Linux x86_64) wrk
            Accept: application/json, text/plain, */*
            Accept-Encoding: gzip, deflate, br
            Cookie: session=0123456789abcdef0123456789abcdef

            """.replace("\n", "\r\n");

    static final String RESPONSE = """
            HTTP/1.1 200 OK
            Server: nginx/1.22.1
            Date: Sat, 21 Nov 2026 00:00:00 GMT
            Content-Type: application/json
            Content-Length: 128
            Connection: keep-alive

            """.replace("\n", "\r\n");

    private SampleHeads() {}

    /** A message in native memory, as a channel hands it over. */
    static UnsafeBuffer received(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length);
        memory.put(0, bytes);
        return new UnsafeBuffer(memory);
    }
}
