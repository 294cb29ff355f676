package io.penstock.filter;

import io.penstock.config.TemplateText;
import io.penstock.config.TemplateText.Part;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Cookies;
import io.penstock.http.Fields;
import io.penstock.http.PercentCodec;
import io.penstock.http.QueryParameters;
import io.penstock.mark.WorkerConfined;
import io.penstock.spi.Identity;
import io.penstock.spi.RequestValues;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A text with placeholders, compiled once. What a request puts into it is escaped for the place where it goes, so that a value
 * never ends a field, a path segment, a parameter or a JSON string.
 */
public final class Template {
    /** The longest text that comes of one, in bytes, wherever but in a body. */
    public static final int BYTES_MAX = 8192;

    private final Part[] parts;
    private final byte[][] literals;
    private final byte[][] names;
    private final String[] lowerNames;

    /** Where a text goes. */
    public enum Place {
        /** The value of a header field: control octets are percent-encoded. */
        HEADER,
        /** A part of a host: letters, digits, hyphens and single dots; anything else does not fit. */
        HOST,
        /** One segment of a path: percent-encoded; what would be more than one segment, or none, does not fit. */
        SEGMENT,
        /** The value of a query parameter: percent-encoded. */
        QUERY,
        /** A string inside JSON. */
        JSON,
        /** Text or the value of an attribute inside HTML or XML. */
        MARKUP,
        /** Plain text. */
        TEXT
    }

    private Template(List<Part> parts) {
        this.parts = parts.toArray(new Part[0]);
        this.literals = new byte[this.parts.length][];
        this.names = new byte[this.parts.length][];
        this.lowerNames = new String[this.parts.length];
        for (int i = 0; i < this.parts.length; i++) {
            literals[i] = this.parts[i].text().getBytes(StandardCharsets.UTF_8);
            lowerNames[i] = this.parts[i].text().toLowerCase(Locale.ROOT);
            names[i] = this.parts[i].text().getBytes(StandardCharsets.ISO_8859_1);
        }
    }

    /** Compiles a text. */
    public static Template of(String text) {
        return of(TemplateText.parse(text));
    }

    /** Compiles a text that was read already. */
    public static Template of(TemplateText text) {
        return new Template(text.parts());
    }

    /** One worker's means to fill templates. */
    @WorkerConfined
    public static final class Filler {
        private final ByteBuilder value = new ByteBuilder(256);
        private final ByteBuilder query = new ByteBuilder(256);
        private final Cookies cookies = new Cookies();
        private final QueryParameters parameters = new QueryParameters();
    }

    /**
     * Appends the text for a request.
     *
     * @return false if a value does not fit its place, or the text is too long
     */
    public boolean fill(RequestValues from, Place place, int bytesMax, Filler with, ByteBuilder into) {
        int start = into.length();
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].source() == TemplateText.Source.LITERAL) {
                literal(i, place, into);
            } else {
                read(i, from, with);
                if (with.value.length() > bytesMax || !Escape.append(with.value, place, into)) {
                    return false;
                }
            }
            if (into.length() - start > bytesMax) {
                return false;
            }
        }
        return true;
    }

    private void literal(int index, Place place, ByteBuilder into) {
        switch (place) {
            // One byte for each character, as where there is no placeholder.
            case HEADER -> into.append(names[index]);
            // What the operator wrote is a value there too.
            case QUERY -> PercentCodec.encode(literals[index], 0, literals[index].length, into);
            case HOST, SEGMENT, JSON, MARKUP, TEXT -> into.append(literals[index]);
        }
    }

    private void read(int index, RequestValues from, Filler with) {
        ByteBuilder into = with.value;
        into.clear();
        Part part = parts[index];
        switch (part.source()) {
            case LITERAL, UNKNOWN -> {}
            case METHOD -> into.append(from.request().method());
            case HOST -> into.append(from.request().host());
            case PATH -> into.append(from.request().path());
            case QUERY -> into.append(from.request().query());
            case SCHEME -> into.append(from.client().isSecure() ? "https" : "http");
            case ROUTE -> into.append(from.route());
            case REQUEST_ID -> into.append(from.requestId());
            case CLIENT_ADDRESS -> into.append(from.client().address());
            case LISTENER -> into.append(from.client().listener());
            case CONSUMER -> {
                Identity identity = from.identity();
                if (identity != null) {
                    into.append(identity.subject().getBytes(StandardCharsets.UTF_8));
                }
            }
            case PARAMETER -> decode(from.request().parameter(part.text()), into);
            case QUERY_PARAMETER -> {
                ByteBuilder query = with.query;
                query.clear();
                query.append(from.request().query());
                if (with.parameters.find(query.array(), 0, query.length(), part.text())) {
                    with.parameters.decodeValue(query.array(), into);
                }
            }
            case HEADER -> {
                Fields fields = from.request().fields();
                int at = fields.find(lowerNames[index]);
                if (at >= 0) {
                    into.append(fields.bytes(), fields.valueOffset(at), fields.valueLength(at));
                }
            }
            case COOKIE -> {
                Fields fields = from.request().fields();
                if (with.cookies.find(fields, names[index])) {
                    into.append(fields.bytes(), with.cookies.offset(), with.cookies.length());
                }
            }
        }
    }

    private static void decode(String segment, ByteBuilder into) {
        byte[] bytes = segment.getBytes(StandardCharsets.ISO_8859_1);
        PercentCodec.decode(bytes, 0, bytes.length, false, into);
    }
}
