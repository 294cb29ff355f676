package io.penstock.perf.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Physical memory of a process of this machine, looked at now and then. One thread of its own. */
final class Resident {
    private static final int EACH_MS = 100;
    private static final int NOT_KNOWN = -1;

    private final Path status;
    private int peakMib = NOT_KNOWN;

    Resident(long pid) {
        status = Path.of("/proc", Long.toString(pid), "status");
        Thread.ofPlatform().daemon().name("resident").start(this::look);
    }

    private void look() {
        try {
            while (true) {
                note(nowMib());
                Thread.sleep(EACH_MS);
            }
        } catch (IOException gone) {
            // There is no such process any more.
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void note(int mib) {
        peakMib = Math.max(peakMib, mib);
    }

    /** The most since this was asked last, in MiB; negative if it is not known. */
    synchronized int peakMib() {
        int peak = peakMib;
        peakMib = NOT_KNOWN;
        return peak;
    }

    private int nowMib() throws IOException {
        List<String> lines = Files.readAllLines(status);
        return lines.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToInt(kib -> Integer.parseInt(kib) >> 10)
                .findFirst()
                .orElse(NOT_KNOWN);
    }
}
