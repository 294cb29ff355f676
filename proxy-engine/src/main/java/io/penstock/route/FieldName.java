package io.penstock.route;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The name of a header, in lower case, or of a query parameter; its bytes beside it for comparing. Equal by text. */
final class FieldName {
    private final String text;
    private final byte[] bytes;

    FieldName(String text) {
        this.text = text;
        this.bytes = text.getBytes(StandardCharsets.UTF_8);
    }

    String text() {
        return text;
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FieldName that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
