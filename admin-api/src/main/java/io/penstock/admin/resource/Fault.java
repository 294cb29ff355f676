package io.penstock.admin.resource;

import io.penstock.config.ConfigProblem;
import java.util.Optional;

/**
 * One reason why a request or document cannot be taken.
 *
 * @param pointer JSON Pointer (RFC 6901) into what was sent; empty for the whole
 * @param code stable word
 * @param detail what was found and what is wanted
 * @param hint the way out, if the detail does not say it
 * @param position where it stands in the text, if that is known
 */
public record Fault(
        String pointer, String code, String detail, Optional<String> hint, Optional<TextPosition> position) {
    /** The text is not of its format at all. */
    public static final String MALFORMED = "malformed";
    /** A number where a text is wanted, and the like. */
    public static final String WRONG_TYPE = "wrong-type";
    /** Longer, deeper or more than is read. */
    public static final String TOO_LARGE = "too-large";

    /** A fault without a hint. */
    static Fault of(String pointer, String code, String detail) {
        return new Fault(pointer, code, detail, Optional.empty(), Optional.empty());
    }

    /** A fault with a hint. */
    static Fault of(String pointer, String code, String detail, String hint) {
        return new Fault(pointer, code, detail, Optional.of(hint), Optional.empty());
    }

    /** A problem of the checked configuration, seen from where the text holds the resource. */
    static Fault of(String resourcePointer, ConfigProblem problem) {
        return new Fault(
                resourcePointer + problem.pointer(),
                problem.code(),
                problem.detail(),
                problem.hint(),
                Optional.empty());
    }

    /** The same fault, seen from further out. */
    Fault under(String prefix) {
        return prefix.isEmpty() ? this : new Fault(prefix + pointer, code, detail, hint, position);
    }

    /** The same fault with its place in the text. */
    public Fault at(TextPosition found) {
        return new Fault(pointer, code, detail, hint, Optional.of(found));
    }

    /** One line for people: the place, what is wrong, the way out. */
    public String text() {
        String place = position.map(known -> known + ": ").orElse("") + (pointer.isEmpty() ? "" : pointer + ": ");
        return place + detail + hint.map(way -> " (" + way + ")").orElse("");
    }
}
