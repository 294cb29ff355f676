package io.penstock.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What the process and its virtual machine use: memory by owner, collections, descriptors, processor time, uptime, version. */
public final class ProcessSamples implements SampleSource {
    private static final MetricEntry BUILD =
            MetricEntry.gauge("penstock_build_info", "Always 1; the labels say what runs.", "version", "java");
    private static final MetricEntry UPTIME =
            MetricEntry.gauge("penstock_uptime_seconds", "Time since the process began.");
    private static final MetricEntry CPU =
            MetricEntry.counter("penstock_cpu_seconds_total", "Processor time of the process, user and system.");
    private static final MetricEntry RESIDENT =
            MetricEntry.gauge("penstock_resident_memory_bytes", "Physical memory of the process.");
    private static final MetricEntry MEMORY = MetricEntry.gauge(
            "penstock_memory_bytes", "Memory in use by owner; owners may overlap with pools of the JVM.", "owner");
    private static final MetricEntry FDS = MetricEntry.gauge("penstock_open_file_descriptors", "Descriptors open now.");
    private static final MetricEntry FDS_MAX =
            MetricEntry.gauge("penstock_file_descriptors_max", "Descriptors the process may have open.");
    private static final MetricEntry THREADS =
            MetricEntry.gauge("penstock_threads", "Platform threads of the process.");
    private static final MetricEntry COLLECTIONS =
            MetricEntry.counter("penstock_gc_collections_total", "Garbage collections.", "collector");
    private static final MetricEntry COLLECTION_SECONDS =
            MetricEntry.counter("penstock_gc_seconds_total", "Time spent in garbage collections.", "collector");
    static final List<MetricEntry> ENTRIES =
            List.of(BUILD, UPTIME, CPU, RESIDENT, MEMORY, FDS, FDS_MAX, THREADS, COLLECTIONS, COLLECTION_SECONDS);

    private static final Path STATUS = Path.of("/proc/self/status");

    private final String version;
    private final Map<String, LongSupplier> owners = new ConcurrentSkipListMap<>();

    /** Samples of this process, which runs {@code version} of Penstock. */
    public ProcessSamples(String version) {
        this.version = version;
    }

    /** Adds an owner of memory of our own, as in {@code rate-table}; its size is asked at each reading. */
    public void memoryOwner(String owner, LongSupplier bytes) {
        owners.put(owner, bytes);
    }

    @Override
    public List<MetricEntry> entries() {
        return ENTRIES;
    }

    @Override
    public void collect(Consumer<Sample> into) {
        into.accept(Sample.of(BUILD, 1, version, Runtime.version().toString()));
        into.accept(Sample.of(UPTIME, ManagementFactory.getRuntimeMXBean().getUptime() / 1e3));
        into.accept(Sample.of(THREADS, ManagementFactory.getThreadMXBean().getThreadCount()));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            into.accept(Sample.of(CPU, system.getProcessCpuTime() / 1e9));
            into.accept(Sample.of(FDS, system.getOpenFileDescriptorCount()));
            into.accept(Sample.of(FDS_MAX, system.getMaxFileDescriptorCount()));
        }
        into.accept(Sample.of(RESIDENT, residentBytes()));
        memory(into);
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            into.accept(Sample.of(COLLECTIONS, collector.getCollectionCount(), collector.getName()));
            into.accept(Sample.of(COLLECTION_SECONDS, collector.getCollectionTime() / 1e3, collector.getName()));
        }
    }

    private void memory(Consumer<Sample> into) {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            into.accept(Sample.of(MEMORY, pool.getUsage().getUsed(), "jvm " + pool.getName()));
        }
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            into.accept(Sample.of(MEMORY, pool.getMemoryUsed(), "buffers " + pool.getName()));
        }
        owners.forEach((owner, bytes) -> into.accept(Sample.of(MEMORY, bytes.getAsLong(), owner)));
    }

    private static long residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }
}
