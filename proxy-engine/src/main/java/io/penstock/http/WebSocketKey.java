package io.penstock.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * What client and server of a WebSocket show each other in HTTP/1.1 so that neither mistakes another answer for its own, RFC 6455
 * sections 4.1 and 4.2.2. Allocates: what it opens lasts long.
 */
public final class WebSocketKey {
    /** The client's part. */
    public static final String KEY = "sec-websocket-key";

    /** The server's. */
    public static final String ACCEPT = "sec-websocket-accept";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private WebSocketKey() {}

    /** A key that no other request has, made of what tells this one from others. */
    public static String of(byte[] unique, int length) {
        byte[] hash = sha1(Arrays.copyOf(unique, length));
        return Base64.getEncoder().encodeToString(Arrays.copyOf(hash, KEY_BYTES));
    }

    /** What a server that speaks WebSocket answers to a key. */
    public static String accept(String key) {
        return Base64.getEncoder().encodeToString(sha1((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("every Java platform has SHA-1", absent);
        }
    }
}
