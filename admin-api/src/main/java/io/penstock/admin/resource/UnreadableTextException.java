package io.penstock.admin.resource;

/** Thrown where a text is not JSON or YAML, or goes beyond a bound: nothing of it can be bound. */
public final class UnreadableTextException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Transient: exceptions of this kind are answered where they are caught and never written. */
    private final transient Fault fault;

    UnreadableTextException(Fault fault) {
        super(fault.text());
        this.fault = fault;
    }

    /** What is wrong and where. */
    public Fault fault() {
        return fault;
    }
}
