package io.penstock.appliance.command;

import io.penstock.admin.resource.Fault;
import io.penstock.admin.resource.TextPosition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Faults of a document for people: the place as editors and compilers write it, what is wrong, the line, the way out. */
final class FaultText {
    private static final int LINE_CHARS_MAX = 120;

    private FaultText() {}

    static String of(String name, byte[] text, List<Fault> faults) {
        List<String> lines = new String(text, StandardCharsets.UTF_8).lines().toList();
        List<Fault> ordered = new ArrayList<>(faults);
        ordered.sort(Comparator.comparing(
                fault -> fault.position().map(TextPosition::line).orElse(0)));
        StringBuilder shown = new StringBuilder();
        for (Fault fault : ordered) {
            append(shown, name, lines, fault);
        }
        return PlainText.of(shown.append(faults.size() == 1 ? "1 problem" : faults.size() + " problems")
                .toString());
    }

    private static void append(StringBuilder shown, String name, List<String> lines, Fault fault) {
        Optional<TextPosition> place = fault.position();
        shown.append(name);
        place.ifPresent(at -> shown.append(':').append(at.line()).append(':').append(at.column()));
        shown.append(": ");
        if (!fault.pointer().isEmpty()) {
            shown.append(readable(fault.pointer())).append(": ");
        }
        shown.append(fault.detail()).append('\n');
        place.ifPresent(at -> excerpt(shown, lines, at));
        fault.hint().ifPresent(way -> shown.append("    ").append(way).append('\n'));
    }

    private static void excerpt(StringBuilder shown, List<String> lines, TextPosition at) {
        if (at.line() > lines.size() || lines.get(at.line() - 1).length() > LINE_CHARS_MAX) {
            return;
        }
        String number = String.format("%5d", at.line());
        String line = lines.get(at.line() - 1);
        shown.append(number).append(" | ").append(line.replace('\t', ' ')).append('\n');
        shown.repeat(' ', number.length())
                .append(" | ")
                .repeat(' ', Math.max(0, at.column() - 1))
                .append("^\n");
    }

    /** {@code /routes/3/matches/0/path} as {@code routes[3].matches[0].path}. */
    static String readable(String pointer) {
        StringBuilder path = new StringBuilder();
        for (String raw : pointer.substring(pointer.startsWith("/") ? 1 : 0).split("/", -1)) {
            String part = raw.replace("~1", "/").replace("~0", "~");
            if (part.matches("[0-9]+")) {
                path.append('[').append(part).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(part);
            }
        }
        return path.toString();
    }
}
