package io.penstock.discovery;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one name: the last good addresses, how old they are, what went wrong since. Control thread.
 *
 * <p>Good addresses stay until others come: an error, an empty answer or a name that is said not to exist leaves them in
 * use, since a name service that fails is far more common than a backend that vanished with its name. They are given up
 * after {@link #STALE_MAX} without a good answer. While there are none, the error is kept for the time until the next try,
 * so that a missing name is not asked for with every configuration that mentions it.
 */
final class DnsName {
    /** Answers are kept at least so long, whatever they say. */
    static final Duration TTL_MIN = Duration.ofSeconds(1);

    /** Answers are kept at most so long, whatever they say. */
    static final Duration TTL_MAX = Duration.ofMinutes(5);

    /** The wait after a first failure; it doubles with each further one. */
    static final Duration RETRY_MIN = Duration.ofSeconds(1);

    /** The longest wait after a failure. */
    static final Duration RETRY_MAX = Duration.ofSeconds(30);

    /** How long addresses are served without a good answer. */
    static final Duration STALE_MAX = Duration.ofHours(24);

    /** Addresses kept of one answer; of more, the first in order. */
    static final int ADDRESSES_MAX = 256;

    private final String name;
    private final Set<String> usedBy = new TreeSet<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private List<InetAddress> addresses = List.of();
    private Duration ttl = Duration.ZERO;
    private long learnedNs;
    private @Nullable Instant lastSuccess;
    private @Nullable String lastError;
    private @Nullable Instant lastErrorAt;
    private int failures;
    private boolean isLookingUp;
    private int schedule;

    DnsName(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** The upstreams that have a target of this name. */
    Set<String> usedBy() {
        return usedBy;
    }

    /** Served now; empty if none is known. */
    List<InetAddress> addresses() {
        return addresses;
    }

    /** Whether anything, good or bad, is known. */
    boolean isKnown() {
        return lastSuccess != null || lastError != null;
    }

    boolean isLookingUp() {
        return isLookingUp;
    }

    void lookingUp() {
        isLookingUp = true;
    }

    /** Runs a task once the present lookup has ended. */
    void await(Runnable task) {
        waiting.add(task);
    }

    List<Runnable> takeWaiting() {
        List<Runnable> tasks = List.copyOf(waiting);
        waiting.clear();
        return tasks;
    }

    /** Numbers the plan to ask again; a plan with an older number is void. */
    int nextSchedule() {
        return ++schedule;
    }

    boolean isCurrent(int number) {
        return number == schedule;
    }

    /** Takes a good answer. */
    void learned(DnsAnswer answer, long nowNs, Instant now) {
        isLookingUp = false;
        failures = 0;
        addresses = chosen(answer.addresses());
        ttl = clamped(answer.ttl(), TTL_MIN, TTL_MAX);
        learnedNs = nowNs;
        lastSuccess = now;
        lastError = null;
        lastErrorAt = null;
    }

    /** Takes a failure. */
    void failed(String error, long nowNs, Instant now) {
        isLookingUp = false;
        failures++;
        lastError = error;
        lastErrorAt = now;
        if (!addresses.isEmpty() && nowNs - learnedNs > STALE_MAX.toNanos()) {
            addresses = List.of();
        }
    }

    /** How long to wait until it is asked again, from the last answer on. */
    Duration nextDelay() {
        if (failures == 0) {
            return ttl;
        }
        return clamped(RETRY_MIN.multipliedBy(1L << Math.min(failures - 1, 16)), RETRY_MIN, RETRY_MAX);
    }

    DnsView view(long nowNs) {
        long ageNs = nowNs - learnedNs;
        DnsView.State state = state(ageNs);
        boolean hasAddresses = !addresses.isEmpty();
        return new DnsView(
                name,
                state,
                addresses.stream().map(InetAddress::getHostAddress).toList(),
                state == DnsView.State.FRESH ? Optional.of(ttl.minusNanos(ageNs)) : Optional.empty(),
                hasAddresses ? Optional.of(Duration.ofNanos(ageNs)) : Optional.empty(),
                Optional.ofNullable(lastSuccess),
                Optional.ofNullable(lastError),
                Optional.ofNullable(lastErrorAt),
                why(state),
                List.copyOf(usedBy));
    }

    private DnsView.State state(long ageNs) {
        if (!addresses.isEmpty()) {
            return failures == 0 && ageNs < ttl.toNanos() ? DnsView.State.FRESH : DnsView.State.STALE;
        }
        return isKnown() ? DnsView.State.NEGATIVE : DnsView.State.PENDING;
    }

    private String why(DnsView.State state) {
        return switch (state) {
            case PENDING -> "The name service was asked and has not answered yet.";
            case FRESH -> "The name service gave these addresses; they are kept for " + ttl.toSeconds() + " s.";
            case STALE ->
                failures == 0
                        ? "Their time is over; the name service is being asked again."
                        : "The last " + failures + " lookups failed; the last good addresses stay in use for up to "
                                + STALE_MAX.toHours() + " h.";
            case NEGATIVE ->
                "No address is known; asked again after " + nextDelay().toSeconds() + " s.";
        };
    }

    // IPv4 where there is any: an AAAA record says that the backend has IPv6, not that this host can reach it. Sorted,
    // since name servers rotate their answers and another order is no change.
    private static List<InetAddress> chosen(List<InetAddress> all) {
        boolean hasV4 = all.stream().anyMatch(Inet4Address.class::isInstance);
        return all.stream()
                .filter(address -> address instanceof Inet4Address == hasV4)
                .distinct()
                .sorted((a, b) -> Arrays.compareUnsigned(a.getAddress(), b.getAddress()))
                .limit(ADDRESSES_MAX)
                .toList();
    }

    private static Duration clamped(Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0) {
            return least;
        }
        return value.compareTo(most) > 0 ? most : value;
    }
}
