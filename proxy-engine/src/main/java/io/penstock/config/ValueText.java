package io.penstock.config;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The text of every value that is written as one word: numbers, truth values, sizes, durations, addresses, choices. */
public final class ValueText {
    private static final int SHOWN_LENGTH_MAX = 80;

    private static final Map<Class<?>, Function<String, Object>> READERS = Map.ofEntries(
            Map.entry(String.class, text -> text),
            Map.entry(boolean.class, ValueText::bool),
            Map.entry(Boolean.class, ValueText::bool),
            Map.entry(int.class, ValueText::integer),
            Map.entry(Integer.class, ValueText::integer),
            Map.entry(long.class, ValueText::longInteger),
            Map.entry(Long.class, ValueText::longInteger),
            Map.entry(Duration.class, DurationText::parse),
            Map.entry(Instant.class, ValueText::instant),
            Map.entry(ByteSize.class, ByteSize::parse),
            Map.entry(Rate.class, Rate::parse),
            Map.entry(Bandwidth.class, Bandwidth::parse),
            Map.entry(Share.class, Share::parse),
            Map.entry(StatusRange.class, StatusRange::parse),
            Map.entry(HostPort.class, HostPort::parse),
            Map.entry(ListenAddress.class, ListenAddress::parse),
            Map.entry(Cidr.class, Cidr::parse),
            Map.entry(ErrorMatch.class, ErrorMatch::parse),
            Map.entry(StickyBy.class, StickyBy::parse),
            Map.entry(HostHeader.class, HostHeader::parse),
            Map.entry(RetryCondition.class, RetryCondition::parse),
            Map.entry(HashKey.class, HashKey::parse));

    private ValueText() {}

    /** Whether values of the type are written as one word. */
    public static boolean isLeaf(Class<?> type) {
        return READERS.containsKey(type) || isChoice(type);
    }

    /** Whether the type is a closed list of words. */
    public static boolean isChoice(Class<?> type) {
        return type.isEnum() && Choice.class.isAssignableFrom(type);
    }

    /** The words of a choice, in their order. */
    public static List<String> words(Class<?> choice) {
        return Arrays.stream(choice.getEnumConstants())
                .map(constant -> ((Choice) constant).text())
                .toList();
    }

    /**
     * Reads a value of a leaf type.
     *
     * @throws IllegalArgumentException if the text is none; the message says what was found, what is wanted, and an example
     */
    public static Object parse(Class<?> type, String text) {
        if (isChoice(type)) {
            for (Object constant : type.getEnumConstants()) {
                if (((Choice) constant).text().equals(text)) {
                    return constant;
                }
            }
            List<String> words = words(type);
            throw new IllegalArgumentException("found \"" + shown(text) + "\", wanted one of "
                    + words.stream().collect(Collectors.joining("\", \"", "\"", "\""))
                    + Spelling.nearest(text, words)
                            .map(near -> "; did you mean \"" + near + "\"?")
                            .orElse(""));
        }
        Function<String, Object> reader = READERS.get(type);
        if (reader == null) {
            throw new IllegalStateException(type + " is not written as one word");
        }
        return reader.apply(text);
    }

    /** The canonical text of a value of a leaf type. */
    public static String format(Object value) {
        return switch (value) {
            case Duration duration -> DurationText.format(duration);
            case Choice choice -> choice.text();
            default -> value.toString();
        };
    }

    static IllegalArgumentException unreadable(String what, String found, String wanted, String example) {
        return new IllegalArgumentException(
                "found " + what + " \"" + shown(found) + "\", wanted " + wanted + ", for example \"" + example + "\"");
    }

    /** The text as a message may show it: bounded, on one line, in visible characters. */
    public static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), SHOWN_LENGTH_MAX); i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return text.length() > SHOWN_LENGTH_MAX ? shown + "..." : shown.toString();
    }

    private static Object bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw unreadable("truth value", text, "true or false", "true");
        };
    }

    private static Object integer(String text) {
        try {
            return Integer.valueOf(text);
        } catch (NumberFormatException notANumber) {
            throw unreadable(
                    "number",
                    text,
                    isWhole(text) ? "one from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE : "a whole number",
                    "100");
        }
    }

    private static Object longInteger(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException notANumber) {
            throw unreadable(
                    "number",
                    text,
                    isWhole(text) ? "one from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE : "a whole number",
                    "100");
        }
    }

    private static boolean isWhole(String text) {
        return text.matches("-?[0-9]+");
    }

    private static Object instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException notAnInstant) {
            throw unreadable("time", text, "a time in UTC as RFC 3339 says", "2027-01-31T00:00:00Z");
        }
    }
}
