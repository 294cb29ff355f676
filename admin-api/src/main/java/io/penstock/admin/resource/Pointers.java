package io.penstock.admin.resource;

import java.util.ArrayList;
import java.util.List;

/** JSON Pointers as texts (RFC 6901). */
final class Pointers {
    private static final int SHOWN_LENGTH_MAX = 80;

    private Pointers() {}

    /** The pointer to a member of what a pointer points to. */
    static String member(String pointer, String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** The pointer to an element of what a pointer points to. */
    static String element(String pointer, int index) {
        return pointer + "/" + index;
    }

    /** The reference tokens, unescaped; empty for a text that is no pointer. */
    static List<String> tokens(String pointer) {
        List<String> tokens = new ArrayList<>();
        if (pointer.startsWith("/")) {
            for (String token : pointer.substring(1).split("/", -1)) {
                tokens.add(token.replace("~1", "/").replace("~0", "~"));
            }
        }
        return tokens;
    }

    /** Whether a text is a pointer: empty, or each token behind a slash with good escapes. */
    static boolean isPointer(String text) {
        return text.isEmpty() || text.matches("(/([^~/]|~[01])*)+");
    }

    /** A word somebody sent, as a message may show it: bounded, on one line, in visible characters. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), SHOWN_LENGTH_MAX); i++) {
            char c = text.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return text.length() > SHOWN_LENGTH_MAX ? shown + "..." : shown.toString();
    }
}
