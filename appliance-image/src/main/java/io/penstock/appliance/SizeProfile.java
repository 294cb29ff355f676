package io.penstock.appliance;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import io.penstock.admin.resource.SystemPort.SizeView;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * What a gateway makes of the memory and the cores that it may use: the machine's, or the less that a control group leaves. The launcher
 * has the same rows for heap and direct memory, which are chosen before a JVM runs, and docs/PERFORMANCE.md shows them; a test
 * compares all three.
 *
 * <p>What neither column has is for the JVM itself and for TLS, which takes some 16 KB a connection.
 */
enum SizeProfile {
    TINY(0, 30, 20, 4_000),
    SMALL(1, 40, 25, 8_000),
    MEDIUM(3, 40, 30, 30_000),
    LARGE(8, 40, 35, 100_000),
    HUGE(24, 40, 40, 250_000);

    /** Less than this for each worker, and buffers are short before cores are. */
    static final long WORKER_BYTES_MIN = 128L << 20;

    private final int fromGib;
    private final int heapPercent;
    private final int directPercent;
    private final int connections;

    SizeProfile(int fromGib, int heapPercent, int directPercent, int connections) {
        this.fromGib = fromGib;
        this.heapPercent = heapPercent;
        this.directPercent = directPercent;
        this.connections = connections;
    }

    /** The row for so much memory. */
    static SizeProfile of(long memoryBytes) {
        SizeProfile found = TINY;
        for (SizeProfile row : values()) {
            if (memoryBytes >= (long) row.fromGib << 30) {
                found = row;
            }
        }
        return found;
    }

    int fromGib() {
        return fromGib;
    }

    int heapPercent() {
        return heapPercent;
    }

    int directPercent() {
        return directPercent;
    }

    /** How many connections of clients it is good for, if most of them idle. */
    int connections() {
        return connections;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** One worker for each core, as far as there is memory for them. */
    static int workers(int cores, long memoryBytes) {
        return Math.clamp(memoryBytes / WORKER_BYTES_MIN, 1, cores);
    }

    /** What this process may use of its machine's memory. */
    static long memoryBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    /** How many workers are started if nothing is said. */
    static int workersHere() {
        return workers(Runtime.getRuntime().availableProcessors(), memoryBytes());
    }

    /** This process: its row, and what is in force whatever the row says. */
    static SizeView here(int workers) {
        long memory = memoryBytes();
        SizeProfile row = of(memory);
        long heap = Runtime.getRuntime().maxMemory();
        String direct = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue();
        return new SizeView(
                row.text(),
                Runtime.getRuntime().availableProcessors(),
                memory,
                heap,
                direct.equals("0") ? heap : Long.parseLong(direct),
                workers,
                row.connections);
    }

    /** The same for a person: the row, and why. */
    static String explained(int workers) {
        SizeView size = here(workers);
        SizeProfile row = of(size.memoryBytes());
        return String.join(
                System.lineSeparator(),
                "profile      " + size.profile() + ": from " + row.fromGib + " GiB on; this process may use "
                        + mib(size.memoryBytes()) + " of memory and " + size.cores() + " cores",
                "heap         " + mib(size.heapBytesMax()) + " at most; the row says " + row.heapPercent
                        + " % of the memory, " + mib(size.memoryBytes() / 100 * row.heapPercent),
                "direct       " + mib(size.directBytesMax()) + " at most; the row says " + row.directPercent + " %, "
                        + mib(size.memoryBytes() / 100 * row.directPercent),
                "workers      " + workers + "; one for each core, and for each " + mib(WORKER_BYTES_MIN)
                        + " of memory, makes "
                        + workers(size.cores(), size.memoryBytes()),
                "connections  " + size.connections() + " of clients that are mostly idle; limits.connections of"
                        + " listeners is what bounds them",
                "What differs from its row was chosen by PENSTOCK_JAVA_OPTS, --workers or --pin, or the JVM was not"
                        + " started by the launcher.");
    }

    private static String mib(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
