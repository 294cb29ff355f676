package io.penstock.filter;

import io.penstock.http.ByteBuilder;
import io.penstock.spi.Answer;
import io.penstock.spi.RequestValues;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer with values of the request in its body and header fields; made anew for each request. */
public final class AnswerTemplate {
    private static final int BODY_BYTES_MAX = 4 << 20;

    private final int status;
    private final List<Field> fields = new ArrayList<>();
    private final Template body;
    private final Template.Place place;

    private record Field(String name, Template value) {}

    /**
     * Compiles one.
     *
     * @param headers written fields, Content-Type included
     */
    public AnswerTemplate(int status, List<Map.Entry<String, String>> headers, String body, String contentType) {
        this.status = status;
        headers.forEach(field -> fields.add(new Field(field.getKey(), Template.of(field.getValue()))));
        this.body = Template.of(body);
        this.place = placeOf(contentType);
    }

    // Whatever a browser might run is escaped as what it is.
    private static Template.Place placeOf(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        if (type.contains("json")) {
            return Template.Place.JSON;
        }
        return type.startsWith("text/plain") ? Template.Place.TEXT : Template.Place.MARKUP;
    }

    /** The answer to a request; null if a value does not fit. */
    public @Nullable Answer fill(RequestValues from) {
        Template.Filler filler = new Template.Filler();
        ByteBuilder text = new ByteBuilder(256);
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (Field field : fields) {
            text.clear();
            if (!field.value().fill(from, Template.Place.HEADER, Template.BYTES_MAX, filler, text)) {
                return null;
            }
            headers.add(Map.entry(field.name(), text.toString()));
        }
        text.clear();
        if (!body.fill(from, place, BODY_BYTES_MAX, filler, text)) {
            return null;
        }
        return new Answer(status, headers, Arrays.copyOf(text.array(), text.length()));
    }
}
