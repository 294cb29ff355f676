package io.penstock.config;

import java.util.List;
import java.util.stream.Collectors;

/** Thrown by a config record's constructor: every fault of its own components, not only the first. */
public final class InvalidValueException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** Transient: exceptions of this kind are answered where they are caught and never written. */
    private final transient List<ValueFault> faults;

    public InvalidValueException(List<ValueFault> faults) {
        super(faults.stream()
                .map(fault -> fault.pointer() + ": " + fault.detail())
                .collect(Collectors.joining("; ")));
        this.faults = List.copyOf(faults);
    }

    /** The faults; at least one. */
    public List<ValueFault> faults() {
        return faults;
    }
}
