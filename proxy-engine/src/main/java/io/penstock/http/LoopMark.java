package io.penstock.http;

import io.penstock.mark.SharedByWorkers;
import java.nio.charset.StandardCharsets;

/**
 * The name under which a gateway marks what it forwards, so that it knows a request that comes back: CDN-Loop of RFC 8586. A
 * request may pass one gateway a few times on purpose, from route to route; one that goes on does so for ever.
 */
@SharedByWorkers
public final class LoopMark {
    /** So often a request may have passed before. */
    public static final int PASSES_MAX = 4;

    private final byte[] name;
    private final byte[] line;

    /** @param name a token that no other gateway has */
    public LoopMark(String name) {
        this.name = name.getBytes(StandardCharsets.US_ASCII);
        this.line = ("CDN-Loop: " + name + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** The field line that says that a request passed here; beside those of others, which stay. */
    byte[] line() {
        return line;
    }

    /** Whether a request with these fields has passed here so often that it will not stop by itself. */
    public boolean isLoop(Fields fields) {
        int passes = 0;
        for (int i = fields.find(KnownField.CDN_LOOP); i >= 0; i = fields.find(KnownField.CDN_LOOP, i + 1)) {
            passes += passes(fields.bytes(), fields.valueOffset(i), fields.valueLength(i));
        }
        return passes >= PASSES_MAX;
    }

    // Parameters of an element are not looked at: nobody but us has reason to write our name.
    private int passes(byte[] bytes, int offset, int length) {
        int passes = 0;
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int comma = Octets.indexOf(bytes, at, end, (byte) ',');
            int start = at;
            while (start < comma && isBlank(bytes[start])) {
                start++;
            }
            if (isOurs(bytes, start, comma)) {
                passes++;
            }
            at = comma + 1;
        }
        return passes;
    }

    private boolean isOurs(byte[] bytes, int start, int end) {
        if (end - start < name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (bytes[start + i] != name[i]) {
                return false;
            }
        }
        int behind = start + name.length;
        return behind == end || bytes[behind] == ';' || isBlank(bytes[behind]);
    }

    private static boolean isBlank(byte octet) {
        return octet == ' ' || octet == '\t';
    }
}
