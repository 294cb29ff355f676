package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell. */
final class TextTable {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** A table with names above its columns. */
    static TextTable of(String... names) {
        return new TextTable().row((Object[]) names);
    }

    TextTable row(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(PlainText.of(String.valueOf(cell)));
        }
        rows.add(row);
        return this;
    }

    int rows() {
        return rows.size() - 1;
    }

    /** The lines, without blanks at their ends. */
    List<String> lines() {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i == widths.size()) {
                    widths.add(0);
                }
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String cell = row.get(i);
            line.append(cell).repeat(' ', widths.get(i) - cell.length()).append(GAP);
        }
        return line.toString().stripTrailing();
    }
}
