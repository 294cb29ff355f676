package io.penstock.metrics;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The head of a request as it came, credentials and all: for the engine's eyes, which tell no one.
 *
 * @param at when it came
 * @param flags what the writer noted
 * @param address of the client, 16 bytes
 * @param texts in the writer's order, one character for each byte
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record HeadSample(Instant at, int flags, byte[] address, List<String> texts) {
    public HeadSample {
        texts = List.copyOf(texts);
    }

    static HeadSample of(byte[] copy) {
        ByteBuffer in = ByteBuffer.wrap(copy);
        Instant at = Instant.EPOCH.plus(in.getLong(), ChronoUnit.MICROS);
        int flags = in.get();
        byte[] address = new byte[16];
        in.get(address);
        List<String> texts = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
            in.get(text);
            texts.add(new String(text, StandardCharsets.ISO_8859_1));
        }
        return new HeadSample(at, flags, address, texts);
    }
}
