package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** An explanation of a sample request, for people. */
public final class ExplainText {
    private ExplainText() {}

    /** The lines: the outcome, the routes considered, what would run, where it would go. */
    public static List<String> of(JsonNode found) {
        List<String> lines = new ArrayList<>();
        String winner = text(found, "winner");
        lines.add(
                winner.isEmpty()
                        ? found.path("status").asInt(0) + " " + text(found, "refusal") + ": " + text(found, "detail")
                        : "route " + winner + " serves it" + refusedLater(found));
        String path = text(found, "canonicalPath");
        if (!path.isEmpty()) {
            lines.add("path    " + path);
        }
        JsonNode allow = found.path("allow");
        if (!allow.isEmpty()) {
            lines.add("allow   " + words(allow));
        }
        if (!found.path("considered").isEmpty()) {
            lines.add("");
            lines.add("routes considered, in their order:");
            lines.addAll(considered(found));
        }
        if (!found.path("phases").isEmpty()) {
            lines.add("");
            lines.add("what would run:");
            TextTable steps = new TextTable();
            found.path("phases")
                    .forEach(step ->
                            steps.row("  " + text(step, "phase"), text(step, "what"), "from " + text(step, "from")));
            lines.addAll(steps.lines());
        }
        String upstream = text(found, "upstream");
        if (!upstream.isEmpty()) {
            lines.add("");
            lines.add("upstream " + upstream + ", one of: "
                    + (found.path("targets").isEmpty() ? "no usable target" : words(found.path("targets"))));
            String rewritten = text(found, "rewritten");
            if (!rewritten.isEmpty()) {
                lines.add("asked for " + rewritten);
            }
        }
        return lines;
    }

    private static String refusedLater(JsonNode found) {
        String refusal = text(found, "refusal");
        return refusal.isEmpty() ? "" : ", and refuses it: " + refusal + ": " + text(found, "detail");
    }

    private static List<String> considered(JsonNode found) {
        TextTable table = new TextTable();
        for (JsonNode candidate : found.path("considered")) {
            boolean isMatch = text(candidate, "result").equals("match");
            table.row("  " + text(candidate, "route"), isMatch ? "match" : "no: " + text(candidate, "because"));
        }
        List<String> lines = new ArrayList<>(table.lines());
        int leftOut = found.path("leftOut").asInt(0);
        if (leftOut > 0) {
            lines.add("  and " + leftOut + " more");
        }
        return lines;
    }

    private static String words(JsonNode list) {
        List<String> words = new ArrayList<>();
        list.forEach(each -> words.add(each.asString("")));
        return String.join(", ", words);
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).asString("");
    }
}
