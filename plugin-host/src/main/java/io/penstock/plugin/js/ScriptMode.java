package io.penstock.plugin.js;

/**
 * How scripts run in this process.
 *
 * @param isOptimised whether hot scripts become machine code
 * @param name what the engine calls itself, with its version
 * @param reason why not, empty if optimised
 */
public record ScriptMode(boolean isOptimised, String name, String reason) {
    @Override
    public String toString() {
        return isOptimised
                ? "optimised (" + name + ")"
                : "interpreted: " + reason + " (" + name + "); a hook takes some 0.5 to 3 us instead of 0.1 to 0.3 us";
    }
}
