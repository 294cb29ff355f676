package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a change of the configuration changed, for people. */
final class ChangesText {
    private static final int VALUE_CHARS_MAX = 200;

    private ChangesText() {}

    /** One line for each resource, below it one for each of its members that changed. */
    static List<String> of(JsonNode changes) {
        List<String> lines = new ArrayList<>();
        for (JsonNode change : changes) {
            String op = change.path("op").asString("");
            String resource = change.path("resource").asString("").replaceFirst("^/", "");
            switch (op) {
                case "create" -> lines.add("+ " + resource + created(change));
                case "delete" -> lines.add("- " + resource);
                default -> {
                    lines.add("~ " + resource);
                    change.path("diff").forEach(step -> lines.add("    " + step(step)));
                }
            }
        }
        return lines;
    }

    /** The counts in a few words. */
    static String summary(JsonNode changes) {
        int created = 0;
        int deleted = 0;
        int updated = 0;
        for (JsonNode change : changes) {
            switch (change.path("op").asString("")) {
                case "create" -> created++;
                case "delete" -> deleted++;
                default -> updated++;
            }
        }
        return created + " created, " + updated + " changed, " + deleted + " deleted";
    }

    static List<String> warnings(JsonNode warnings) {
        List<String> lines = new ArrayList<>();
        for (JsonNode warning : warnings) {
            String pointer = warning.path("pointer").asString("");
            lines.add("warning: " + (pointer.isEmpty() ? "" : FaultText.readable(pointer) + ": ")
                    + warning.path("detail").asString(""));
            String hint = warning.path("hint").asString("");
            if (!hint.isEmpty()) {
                lines.add("    " + hint);
            }
        }
        return lines;
    }

    private static String created(JsonNode change) {
        JsonNode value = change.path("diff").path(0).path("value");
        List<String> words = new ArrayList<>();
        for (String member : List.of("address", "upstream", "service")) {
            if (value.path(member).isString()) {
                words.add(member + " " + value.path(member).stringValue());
            }
        }
        return words.isEmpty() ? "" : "  (" + String.join(", ", words) + ")";
    }

    private static String step(JsonNode step) {
        String place = FaultText.readable(step.path("path").asString(""));
        return switch (step.path("op").asString("")) {
            case "add" -> place + ": " + value(step.path("value")) + " added";
            case "remove" -> place + ": " + value(step.path("from")) + " removed";
            default -> place + ": " + value(step.path("from")) + " -> " + value(step.path("value"));
        };
    }

    private static String value(JsonNode value) {
        String text = value.toString();
        return text.length() <= VALUE_CHARS_MAX ? text : text.substring(0, VALUE_CHARS_MAX) + "...";
    }
}
