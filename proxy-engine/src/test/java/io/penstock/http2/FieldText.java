package io.penstock.http2;

import io.penstock.http.ByteBuilder;
import java.nio.charset.StandardCharsets;

/** Fields that a decoder finds, as {@code name=value} with blanks between them. */
public final class FieldText implements HeaderSink {
    private final StringBuilder fields = new StringBuilder();

    /** Where the decoder lays them. */
    public final ByteBuilder region = new ByteBuilder(16);

    @Override
    public void header(int name, int nameLength, int value, int valueLength) {
        fields.append(fields.isEmpty() ? "" : " ")
                .append(new String(region.array(), name, nameLength, StandardCharsets.ISO_8859_1))
                .append('=')
                .append(new String(region.array(), value, valueLength, StandardCharsets.ISO_8859_1));
    }

    /** All of them, or "refused". */
    public String of(boolean isRead) {
        return isRead ? fields.toString() : "refused";
    }
}
