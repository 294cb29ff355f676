package io.penstock.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes the reference of the plugin API from the kit's typings: what they declare, and the comments before it. */
final class TypingsMarkdown {
    private static final Pattern BLOCK = Pattern.compile("(?:export )?interface (\\w+)[^{]*\\{");
    private static final Pattern SINGLE = Pattern.compile("export (?:declare )?(?:type|function|const) (\\w+).*");
    private static final Pattern LINK = Pattern.compile("\\{@link ([^}]+)\\}");

    private final List<String> lines;
    private final StringBuilder out = new StringBuilder();
    private String comment = "";
    private int at;

    private TypingsMarkdown(String typings) {
        lines = typings.lines().toList();
    }

    static String of(String typings) {
        TypingsMarkdown markdown = new TypingsMarkdown(typings);
        markdown.write();
        return markdown.out.toString();
    }

    private void write() {
        while (at < lines.size()) {
            String line = lines.get(at).strip();
            Matcher block = BLOCK.matcher(line);
            Matcher single = SINGLE.matcher(line);
            if (line.startsWith("/**")) {
                comment();
            } else if (block.matches()) {
                heading(block.group(1));
                at++;
                members();
            } else if (single.matches()) {
                heading(single.group(1));
                out.append("```ts\n").append(declaration("\n")).append("\n```\n\n");
            } else {
                at++;
            }
        }
    }

    private void heading(String name) {
        out.append("### ").append(name).append("\n\n");
        if (!comment.isEmpty()) {
            out.append(comment).append("\n\n");
            comment = "";
        }
    }

    private void members() {
        List<String> rows = new ArrayList<>();
        while (!lines.get(at).strip().equals("}")) {
            String line = lines.get(at).strip();
            if (line.startsWith("/**")) {
                comment();
            } else if (line.isEmpty() || line.startsWith("//")) {
                at++;
            } else {
                String signature = declaration(" ").replaceFirst(";$", "").replace("readonly ", "");
                rows.add("| `" + signature.replace("|", "\\|") + "` | " + comment.replace("|", "\\|") + " |");
                comment = "";
            }
        }
        at++;
        if (!rows.isEmpty()) {
            out.append("| member | what |\n|---|---|\n");
            rows.forEach(row -> out.append(row).append('\n'));
            out.append('\n');
        }
    }

    // The lines up to the one that ends a declaration outside of all brackets.
    private String declaration(String between) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        while (true) {
            String line = lines.get(at++);
            String bare = line.strip();
            depth += (int) bare.chars().filter(c -> c == '(' || c == '{').count();
            depth -= (int) bare.chars().filter(c -> c == ')' || c == '}').count();
            parts.add(between.equals(" ") ? bare : line);
            if (depth == 0 && bare.endsWith(";")) {
                return String.join(between, parts).replace("( ", "(").replace(", )", ")");
            }
        }
    }

    private void comment() {
        StringBuilder text = new StringBuilder();
        String line;
        do {
            line = lines.get(at++).strip();
            String bare = line.replaceFirst("^/\\*\\*", "")
                    .replaceFirst("\\*/$", "")
                    .replaceFirst("^\\* ?", "")
                    .strip();
            text.append(text.isEmpty() || bare.isEmpty() ? "" : " ").append(bare);
        } while (!line.endsWith("*/"));
        comment = LINK.matcher(text.toString().strip()).replaceAll("`$1`");
    }
}
