package io.penstock.cores;

import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Where workers run, and where everything else of the process does: compilers, collectors, the log, the admin API.
 *
 * @param workers the core of each worker, by its index; empty if they run wherever the kernel wants
 * @param others cores of all other threads; empty if there is none to spare, and they share those of the workers
 */
public record CorePlan(List<Integer> workers, BitSet others) {
    /** All threads run on any core. */
    public static final CorePlan NONE = new CorePlan(List.of(), new BitSet());

    public CorePlan {
        workers = List.copyOf(workers);
        others = (BitSet) others.clone();
    }

    /**
     * The plan for a choice.
     *
     * @param choice {@code none}; {@code auto}, the last cores that the process may use, since interrupts tend to come to the
     *     first; or a list of cores and ranges as {@code 1,4-7}, one for each worker
     * @param workers how many there are
     * @param allowed cores that the process may use
     * @throws IllegalArgumentException if it is none of these, or asks for what there is not
     */
    public static CorePlan of(String choice, int workers, BitSet allowed) {
        if (choice.equals("none")) {
            return NONE;
        }
        int[] cores = choice.equals("auto")
                ? last(workers, allowed)
                : CoreList.parse(choice).stream().toArray();
        BitSet wanted = new BitSet();
        IntStream.of(cores).forEach(wanted::set);
        if (!isWithin(wanted, allowed)) {
            throw refused("found " + choice + ", but this process may use " + CoreList.text(allowed)
                    + " only; name some of these");
        }
        if (cores.length != workers) {
            throw refused("found " + cores.length + (cores.length == 1 ? " core" : " cores") + " ("
                    + CoreList.text(wanted) + ") for " + workers + (workers == 1 ? " worker" : " workers")
                    + ", wanted one for each; change --workers or the list");
        }
        BitSet spare = (BitSet) allowed.clone();
        spare.andNot(wanted);
        return new CorePlan(IntStream.of(cores).boxed().toList(), spare);
    }

    /**
     * How many cores a choice names; empty if it names none.
     *
     * @throws IllegalArgumentException if it is no choice
     */
    public static OptionalInt named(String choice) {
        return choice.equals("none") || choice.equals("auto")
                ? OptionalInt.empty()
                : OptionalInt.of(CoreList.parse(choice).cardinality());
    }

    private static int[] last(int count, BitSet allowed) {
        return allowed.stream().skip(Math.max(0, allowed.cardinality() - count)).toArray();
    }

    private static boolean isWithin(BitSet wanted, BitSet allowed) {
        BitSet outside = (BitSet) wanted.clone();
        outside.andNot(allowed);
        return outside.isEmpty();
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("--pin: " + text);
    }

    /** Whether each worker has a core of its own. */
    public boolean isForEachWorker() {
        return !workers.isEmpty();
    }

    /** For people: {@code any core}, or {@code cores 2-3, all else on 0-1}. */
    public String text() {
        if (!isForEachWorker()) {
            return "any core";
        }
        BitSet own = new BitSet();
        workers.forEach(own::set);
        return (workers.size() == 1 ? "core " : "cores ")
                + CoreList.text(own)
                + (others.isEmpty() ? "" : ", all else on " + CoreList.text(others));
    }

    @Override
    public BitSet others() {
        return (BitSet) others.clone();
    }
}
