package io.penstock.discovery;

/** What an endpoint was ejected for. */
public enum EjectionCause {
    CONSECUTIVE_FAILURES("consecutive-failures"),
    SUCCESS_RATE("success-rate"),
    LATENCY("latency");

    private final String code;

    EjectionCause(String code) {
        this.code = code;
    }

    /** The word in metrics. */
    public String code() {
        return code;
    }
}
