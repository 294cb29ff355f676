package io.penstock.plugin.budget;

/** Which budget an entry ran over. */
public enum Overrun {
    /** CPU time. */
    CPU(FaultCode.CPU_BUDGET),
    /** Time on the clock, with little CPU time in it. */
    WALL(FaultCode.WALL_BUDGET),
    /** Allocation. */
    MEMORY(FaultCode.MEMORY_BUDGET),
    /** Statements. */
    STATEMENTS(FaultCode.STATEMENT_BUDGET);

    private final FaultCode fault;

    Overrun(FaultCode fault) {
        this.fault = fault;
    }

    /** The stable code of the fault. */
    public String code() {
        return fault.code();
    }
}
