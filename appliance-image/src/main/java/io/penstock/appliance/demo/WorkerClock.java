package io.penstock.appliance.demo;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;

/** CPU time that the gateway's workers have used: user and kernel together, as the operating system counts it. */
final class WorkerClock {
    private static final String WORKER = "penstock-worker-";

    private WorkerClock() {}

    /** In nanoseconds, all workers together; negative if this JVM cannot tell. */
    static long cpuNs() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        if (!threads.isThreadCpuTimeSupported()) {
            return -1;
        }
        long sum = 0;
        boolean isAny = false;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo thread = threads.getThreadInfo(id);
            if (thread != null && thread.getThreadName().startsWith(WORKER)) {
                isAny = true;
                sum += Math.max(0, threads.getThreadCpuTime(id));
            }
        }
        return isAny ? sum : -1;
    }
}
