package io.penstock.appliance.command;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A recent request with its trail, for people. */
final class RequestText {
    private RequestText() {}

    /** The lines: what was asked and came of it, the decisions, what the plugins' hooks cost. */
    static List<String> of(JsonNode found) {
        List<String> lines = new ArrayList<>();
        lines.add(text(found, "method") + " " + text(found, "host") + text(found, "path") + " from "
                + text(found, "clientAddress") + " at " + text(found, "started"));
        String reason = text(found, "reason");
        lines.add("status " + found.path("status").asInt(0) + (reason.isEmpty() ? "" : ", " + reason) + ", "
                + found.path("durationUs").asLong(0) + " us, "
                + found.path("tries").asInt(0) + " tries");
        lines.add("listener " + orNone(found, "listener") + ", route " + orNone(found, "route") + ", upstream "
                + orNone(found, "upstream") + ", target " + orNone(found, "target"));
        if (!text(found, "consumer").isEmpty() || !text(found, "identifiedBy").isEmpty()) {
            lines.add("consumer " + orNone(found, "consumer") + ", identified by " + orNone(found, "identifiedBy"));
        }
        TextTable trail = TextTable.of("US", "STEP", "VERDICT", "DETAIL", "REASON");
        for (JsonNode step : found.path("trail")) {
            trail.row(
                    step.path("elapsedUs").asLong(0),
                    text(step, "step"),
                    text(step, "verdict"),
                    text(step, "detail"),
                    text(step, "reason"));
        }
        lines.addAll(trail.lines());
        lines.addAll(plugins(found));
        return lines;
    }

    private static List<String> plugins(JsonNode found) {
        if (found.path("plugins").isEmpty()) {
            return List.of();
        }
        TextTable costs = TextTable.of("PLUGIN", "HOOK", "CALLS", "CPU US", "WAITED US", "OUTCOME");
        for (JsonNode cost : found.path("plugins")) {
            String code = text(cost, "code");
            costs.row(
                    text(cost, "plugin"),
                    text(cost, "hook"),
                    cost.path("calls").asLong(0),
                    cost.path("cpuUs").asLong(0),
                    cost.path("waitedUs").asLong(0),
                    text(cost, "outcome") + (code.isEmpty() ? "" : ": " + code));
        }
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.addAll(costs.lines());
        int leftOut = found.path("pluginsLeftOut").asInt(0);
        if (leftOut > 0) {
            lines.add("and " + leftOut + " more hooks");
        }
        return lines;
    }

    private static String orNone(JsonNode found, String member) {
        String text = text(found, member);
        return text.isEmpty() ? "none" : text;
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).asString("");
    }
}
