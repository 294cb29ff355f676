package io.penstock.metrics;

import io.penstock.mark.SharedByWorkers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which member of a family has which dense id, for reading: workers count by id and know no names.
 *
 * <p>Ids are used again, so the values that a cell had when a member got its id are kept and subtracted, and what a member
 * counted under an id it gave up is added to what it counts under its present one. The control thread writes, readers read;
 * neither waits for a worker.
 */
@SharedByWorkers
public final class SeriesNames {
    /** The label value of everything that has no series of its own. */
    public static final String OTHER = "other";

    private final Family family;
    private final int bound;
    private final List<SeriesCounter> columns;
    private final List<WorkerCounters> workers;
    private final Map<Integer, Holder> holders = new HashMap<>();
    private final Map<List<String>, long[]> carried = new HashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // private and never compared
    private record Holder(List<String> name, long[] baseline) {}

    SeriesNames(Family family, int bound, List<WorkerCounters> workers) {
        this.family = family;
        this.bound = bound;
        this.columns = SeriesCounter.of(family);
        this.workers = List.copyOf(workers);
    }

    /**
     * Says that an id belongs to a member from now on. Control thread, before the first worker counts it, and after the last
     * worker has stopped to count an earlier member with that id.
     *
     * @param name one value for each of the family's labels
     */
    public synchronized void assign(int id, String... name) {
        List<String> values = List.of(name);
        if (values.size() != family.labels().size()) {
            throw new IllegalArgumentException(family + " is named by " + family.labels() + ", found " + values);
        }
        if (id < 0 || id >= bound) {
            return;
        }
        Holder known = holders.get(id);
        if (known != null && known.name().equals(values)) {
            return;
        }
        release(id);
        holders.put(id, new Holder(values, cells(id)));
    }

    /** Says that an id belongs to nobody from now on. Control thread, after the last worker has stopped to count it. */
    public synchronized void release(int id) {
        Holder holder = holders.remove(id);
        if (holder == null) {
            return;
        }
        boolean lives = holders.values().stream().anyMatch(other -> other.name().equals(holder.name()));
        if (lives) {
            long[] values = carried.computeIfAbsent(holder.name(), name -> new long[columns.size()]);
            addDifference(values, cells(id), holder.baseline());
        } else {
            carried.remove(holder.name());
        }
    }

    /** The values of every member that has a series, and of all the others under {@link #OTHER} if there were any. */
    synchronized List<SeriesReading> read() {
        Map<List<String>, long[]> byName = new LinkedHashMap<>();
        holders.forEach((id, holder) -> addDifference(
                byName.computeIfAbsent(holder.name(), name -> new long[columns.size()]), cells(id), holder.baseline()));
        carried.forEach((name, values) -> addDifference(
                byName.computeIfAbsent(name, none -> new long[columns.size()]), values, new long[columns.size()]));
        List<SeriesReading> readings = new ArrayList<>();
        byName.forEach((name, values) -> readings.add(new SeriesReading(family, name, columns, values)));
        readings.sort((a, b) -> String.join("\u0000", a.name()).compareTo(String.join("\u0000", b.name())));
        long[] others = cells(-1);
        if (Arrays.stream(others).anyMatch(value -> value != 0)) {
            readings.add(new SeriesReading(
                    family, family.labels().stream().map(label -> OTHER).toList(), columns, others));
        }
        return readings;
    }

    private long[] cells(int id) {
        long[] sums = new long[columns.size()];
        for (WorkerCounters worker : workers) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += worker.value(columns.get(i), id);
            }
        }
        return sums;
    }

    private static void addDifference(long[] into, long[] values, long[] baseline) {
        for (int i = 0; i < into.length; i++) {
            into[i] += values[i] - baseline[i];
        }
    }
}
