package io.penstock.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The places of a plugin's settings that name a secret: objects that hold nothing but {@code {"secret": NAME}}, wherever
 * they stand.
 *
 * <p>Settings are compact JSON: outside of strings no blank, and inside of strings no bare quote. So the text
 * <code>{"secret":"</code> begins such an object and nothing else.
 */
public final class SecretReferences {
    private static final String MARK = "{\"secret\":\"";
    private static final Pattern REFERENCE = Pattern.compile("\\{\"secret\":\"([A-Za-z0-9_.-]*)\"}");

    private SecretReferences() {}

    /** Gives what is written where a secret was named. */
    @FunctionalInterface
    public interface Naming {
        String of(String name);
    }

    /** Every place, by its JSON Pointer inside the settings; each points to the name. */
    public static List<Reference> in(JsonText settings) {
        String text = settings.text();
        if (!text.contains(MARK)) {
            return List.of();
        }
        List<Reference> found = new ArrayList<>();
        Matcher reference = REFERENCE.matcher(text);
        Place place = new Place(text);
        while (reference.find()) {
            found.add(new Reference(
                    ResourceType.SECRETS, reference.group(1), place.pointerAt(reference.start()) + "/secret"));
        }
        return found;
    }

    /** The settings with other words in the place of every name. */
    public static JsonText renamed(JsonText settings, Naming naming) {
        return settings.text().contains(MARK)
                ? new JsonText(REFERENCE
                        .matcher(settings.text())
                        .replaceAll(found -> Matcher.quoteReplacement(MARK + naming.of(found.group(1)) + "\"}")))
                : settings;
    }

    /** Walks over JSON and knows where it stands. */
    private static final class Place {
        private final String text;
        private final Deque<String> members = new ArrayDeque<>();
        private final Deque<Integer> elements = new ArrayDeque<>();
        private int at;

        Place(String text) {
            this.text = text;
        }

        // A member's name stands on the stack from its colon to the comma behind its value, an element's number
        // likewise;
        // -1 in the one stack stands for an object.
        String pointerAt(int end) {
            while (at < end) {
                char c = text.charAt(at);
                switch (c) {
                    case '"' -> string();
                    case '{' -> {
                        elements.push(-1);
                        members.push("");
                    }
                    case '[' -> {
                        elements.push(0);
                        members.push("");
                    }
                    case '}', ']' -> {
                        elements.pop();
                        members.pop();
                    }
                    case ',' -> {
                        int element = elements.pop();
                        elements.push(element < 0 ? element : element + 1);
                    }
                    default -> {}
                }
                at++;
            }
            StringBuilder pointer = new StringBuilder();
            List<String> names = List.copyOf(members);
            List<Integer> numbers = List.copyOf(elements);
            for (int i = names.size() - 1; i >= 0; i--) {
                pointer.append('/').append(numbers.get(i) < 0 ? names.get(i) : Integer.toString(numbers.get(i)));
            }
            return pointer.toString();
        }

        /** Ends on the closing quote. */
        private void string() {
            int begin = at + 1;
            at = begin;
            while (text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            boolean isName = at + 1 < text.length() && text.charAt(at + 1) == ':';
            if (isName) {
                members.pop();
                members.push(text.substring(begin, at)
                        .replace("\\\"", "\"")
                        .replace("\\\\", "\\")
                        .replace("~", "~0")
                        .replace("/", "~1"));
            }
        }
    }
}
