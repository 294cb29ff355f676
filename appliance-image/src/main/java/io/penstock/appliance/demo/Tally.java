package io.penstock.appliance.demo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What clients saw: how many answers of each status, reason and upstream, and how long they waited. Any thread. */
final class Tally {
    private final Map<Integer, Integer> byStatus = new TreeMap<>();
    private final Map<String, Integer> byReason = new TreeMap<>();
    private final Map<String, Integer> byUpstream = new TreeMap<>();
    private final Map<String, Integer> broken = new TreeMap<>();
    private final List<Long> waitsNs = new ArrayList<>();

    synchronized void add(ToyAnswer answer, long waitNs) {
        byStatus.merge(answer.status(), 1, Integer::sum);
        answer.header("X-Penstock-Reason").ifPresent(reason -> byReason.merge(reason, 1, Integer::sum));
        answer.header("X-Upstream").ifPresent(name -> byUpstream.merge(name, 1, Integer::sum));
        waitsNs.add(waitNs);
    }

    synchronized void broke(String how) {
        broken.merge(how, 1, Integer::sum);
    }

    synchronized int answers() {
        return waitsNs.size();
    }

    synchronized int status(int status) {
        return byStatus.getOrDefault(status, 0);
    }

    synchronized int reason(String reason) {
        return byReason.getOrDefault(reason, 0);
    }

    synchronized int upstream(String name) {
        return byUpstream.getOrDefault(name, 0);
    }

    synchronized int broken() {
        return broken.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** The wait that this share of all answers does not exceed, in microseconds. */
    synchronized long percentileUs(double share) {
        if (waitsNs.isEmpty()) {
            return 0;
        }
        long[] sorted = waitsNs.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(share * sorted.length))] / 1000;
    }

    /** The counts in one line. */
    synchronized String text() {
        String statuses = byStatus.entrySet().stream()
                .map(entry -> entry.getValue() + " x " + entry.getKey())
                .collect(Collectors.joining(", "));
        return statuses
                + (byReason.isEmpty() ? "" : " (" + words(byReason) + ")")
                + (byUpstream.isEmpty() ? "" : "; answered by " + words(byUpstream))
                + (broken.isEmpty() ? "" : "; broken: " + words(broken));
    }

    private static String words(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
