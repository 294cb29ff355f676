package io.penstock.plugin.budget;

/** Which budget an entry ran over. */
public enum Overrun {
    /** CPU time. */
    CPU("cpu-budget"),
    /** Time on the clock, with little CPU time in it. */
    WALL("wall-budget"),
    /** Allocation. */
    MEMORY("memory-budget"),
    /** Statements. */
    STATEMENTS("statement-budget");

    private final String code;

    Overrun(String code) {
        this.code = code;
    }

    /** The stable code of the fault. */
    public String code() {
        return code;
    }
}
