package io.penstock.spi;

import java.util.List;
import java.util.Optional;

/** A package or a trial is refused; every fault found is told. */
public final class PluginRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // Never serialised.
    private final List<Fault> faults;

    /**
     * One reason.
     *
     * @param where a file of the package with line and column, or a JSON pointer into the manifest or config
     * @param code stable word
     * @param detail what was found and what is wanted
     * @param hint the way out
     */
    public record Fault(String where, String code, String detail, Optional<String> hint) {}

    /** A refusal for at least one fault. */
    public PluginRefusedException(List<Fault> faults) {
        super(faults.getFirst().where() + ": " + faults.getFirst().detail());
        this.faults = List.copyOf(faults);
    }

    /** All that is wrong. */
    public List<Fault> faults() {
        return faults;
    }
}
