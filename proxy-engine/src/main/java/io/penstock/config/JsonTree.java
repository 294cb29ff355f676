package io.penstock.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259) as a tree: {@code Map}, {@code List}, {@code String}, {@code Boolean}, {@link Numeral} and {@link #NULL}. Strict: UTF-8 only, no member twice,
 * nothing behind the value, at most {@link #DEPTH_MAX} deep. Numbers keep their text, so that what nobody changes comes out as it
 * went in.
 */
public final class JsonTree {
    /** How deep a value may be nested. */
    public static final int DEPTH_MAX = 64;

    /** The value {@code null}. */
    public static final Object NULL = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };

    private final String text;
    private int at;

    /**
     * A number as it is written.
     *
     * @param text by the grammar of JSON
     */
    public record Numeral(String text) {}

    /** A text is no acceptable JSON; the message says where and why. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    private JsonTree(String text) {
        this.text = text;
    }

    /** Reads a value from UTF-8; a byte order mark is left out. */
    public static Object parse(byte[] bytes) throws MalformedException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return parse(text.startsWith("\ufeff") ? text.substring(1) : text);
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedException("it is not UTF-8");
        }
    }

    /** Reads a value. */
    public static Object parse(String text) throws MalformedException {
        JsonTree reader = new JsonTree(text);
        Object value = reader.value(0);
        reader.blanks();
        if (reader.at < text.length()) {
            throw reader.malformed("something follows the value");
        }
        return value;
    }

    private MalformedException malformed(String why) {
        return new MalformedException("at character " + at + ": " + why);
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char next() throws MalformedException {
        if (at >= text.length()) {
            throw malformed("it ends too early");
        }
        return text.charAt(at);
    }

    private Object value(int depth) throws MalformedException {
        if (depth > DEPTH_MAX) {
            throw malformed("it is nested more than " + DEPTH_MAX + " deep");
        }
        blanks();
        return switch (next()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", NULL);
            default -> number();
        };
    }

    private Object word(String word, Object value) throws MalformedException {
        if (!text.startsWith(word, at)) {
            throw malformed("wanted a value");
        }
        at += word.length();
        return value;
    }

    private Map<String, Object> object(int depth) throws MalformedException {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        blanks();
        if (next() == '}') {
            at++;
            return members;
        }
        while (true) {
            blanks();
            if (next() != '"') {
                throw malformed("wanted a member's name");
            }
            String name = string();
            blanks();
            if (next() != ':') {
                throw malformed("wanted a colon");
            }
            at++;
            if (members.put(name, value(depth + 1)) != null) {
                throw malformed("a member stands there twice");
            }
            blanks();
            char end = next();
            at++;
            if (end == '}') {
                return members;
            }
            if (end != ',') {
                throw malformed("wanted a comma or the object's end");
            }
        }
    }

    private List<Object> array(int depth) throws MalformedException {
        List<Object> elements = new ArrayList<>();
        at++;
        blanks();
        if (next() == ']') {
            at++;
            return elements;
        }
        while (true) {
            elements.add(value(depth + 1));
            blanks();
            char end = next();
            at++;
            if (end == ']') {
                return elements;
            }
            if (end != ',') {
                throw malformed("wanted a comma or the array's end");
            }
        }
    }

    private String string() throws MalformedException {
        int begin = ++at;
        while (next() != '"' && text.charAt(at) != '\\' && text.charAt(at) >= ' ') {
            at++;
        }
        StringBuilder out = new StringBuilder().append(text, begin, at);
        while (next() != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw malformed("a text holds a control character");
            }
            out.append(c == '\\' ? escaped() : c);
        }
        at++;
        return out.toString();
    }

    private char escaped() throws MalformedException {
        char c = next();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> throw malformed("an escape is unknown");
        };
    }

    private char unit() throws MalformedException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0 || text.charAt(at) > 'f') {
                throw malformed("wanted four hex digits");
            }
            unit = unit << 4 | digit;
            at++;
        }
        return (char) unit;
    }

    private Numeral number() throws MalformedException {
        int begin = at;
        if (next() == '-') {
            at++;
        }
        if (next() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
            at++;
            if (next() == '+' || text.charAt(at) == '-') {
                at++;
            }
            digits();
        }
        return new Numeral(text.substring(begin, at));
    }

    private void digits() throws MalformedException {
        int begin = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == begin) {
            throw malformed("wanted a value");
        }
    }

    // ---- writing ----

    /** Appends a value as compact JSON. */
    public static void write(Object value, StringBuilder into) {
        switch (value) {
            case String string -> quote(string, into);
            case Numeral number -> into.append(number.text());
            case Map<?, ?> members -> {
                char separator = '{';
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    into.append(separator);
                    quote(String.valueOf(member.getKey()), into);
                    into.append(':');
                    write(member.getValue(), into);
                    separator = ',';
                }
                into.append(members.isEmpty() ? "{}" : "}");
            }
            case List<?> elements -> {
                char separator = '[';
                for (Object element : elements) {
                    into.append(separator);
                    write(element, into);
                    separator = ',';
                }
                into.append(elements.isEmpty() ? "[]" : "]");
            }
            default -> into.append(value);
        }
    }

    private static void quote(String string, StringBuilder into) {
        into.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                into.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                // Halves of pairs too: alone they have no UTF-8.
                into.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    into.append(Character.forDigit(c >> shift & 15, 16));
                }
            } else {
                into.append(c);
            }
        }
        into.append('"');
    }
}
