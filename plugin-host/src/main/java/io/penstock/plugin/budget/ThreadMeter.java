package io.penstock.plugin.budget;

import java.lang.management.ManagementFactory;

/** What threads have used up so far, as the JVM counts it. */
public interface ThreadMeter {
    /** CPU time of a thread in nanoseconds; negative if it has ended. */
    long cpuNs(long threadId);

    /** Bytes a thread has allocated; negative if it has ended. */
    long allocatedBytes(long threadId);

    /** Bytes the calling thread has allocated; some 100 ns, without allocating. */
    long allocatedBytesHere();

    /** The meter of this JVM. */
    static ThreadMeter ofThisJvm() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return new ThreadMeter() {
            @Override
            public long cpuNs(long threadId) {
                return threads.getThreadCpuTime(threadId);
            }

            @Override
            public long allocatedBytes(long threadId) {
                return threads.getThreadAllocatedBytes(threadId);
            }

            @Override
            public long allocatedBytesHere() {
                return threads.getCurrentThreadAllocatedBytes();
            }
        };
    }
}
