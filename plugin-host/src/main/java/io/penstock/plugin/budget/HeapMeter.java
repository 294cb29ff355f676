package io.penstock.plugin.budget;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;

/** How full the old generation was when it was last collected: what is kept, without what only waits to be collected. */
public interface HeapMeter {
    /**
     * What a collection left.
     *
     * @param usedBytes in use right after it; 0 before the first
     * @param maxBytes what the old generation may grow to
     */
    record Reading(long usedBytes, long maxBytes) {
        /** In use, as a share of what may be. */
        double share() {
            return maxBytes <= 0 ? 0 : (double) usedBytes / maxBytes;
        }

        /** Whether it is fuller than {@link HeapPressure#FULL_SHARE}. */
        public boolean isFull() {
            return share() > HeapPressure.FULL_SHARE;
        }
    }

    /** What the last collection left. Cheap; any thread. */
    Reading read();

    /**
     * The meter of this JVM, whatever its collector. Only the pool of old objects takes a threshold of usage, which is how
     * it is told from the young ones.
     */
    static HeapMeter ofThisJvm() {
        List<MemoryPoolMXBean> old = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP
                        && pool.isUsageThresholdSupported()
                        && pool.isCollectionUsageThresholdSupported())
                .toList();
        return () -> {
            long used = 0;
            long max = 0;
            for (MemoryPoolMXBean pool : old) {
                MemoryUsage left = pool.getCollectionUsage();
                used += left.getUsed();
                max += Math.max(0, left.getMax());
            }
            return new Reading(used, max);
        };
    }
}
