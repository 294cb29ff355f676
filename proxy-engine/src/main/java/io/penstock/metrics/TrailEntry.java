package io.penstock.metrics;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A recent request and how it was decided. Texts are empty where there was nothing.
 *
 * @param consumer who called: the consumer, or the subject that only its authenticator knows
 * @param upstreamDurationUs negative if no endpoint was asked
 * @param isTruncated whether a text was cut
 * @param hooks what hooks have cost, of filters that tell it
 * @param hooksLeftOut how many more such hooks there were
 */
public record TrailEntry(
        String requestId,
        Instant started,
        String clientAddress,
        String method,
        String host,
        String path,
        String query,
        String protocol,
        String listener,
        String route,
        String upstream,
        String endpoint,
        String consumer,
        int status,
        Optional<Reason> reason,
        int tries,
        long bytesIn,
        long bytesOut,
        long durationUs,
        long upstreamDurationUs,
        boolean isTruncated,
        List<TrailStep> steps,
        List<HookCost> hooks,
        int hooksLeftOut) {

    static TrailEntry of(AccessRecord record) {
        long us = record.startedEpochUs();
        int costsAt = record.offset(AccessText.COSTS);
        int costsLength = record.length(AccessText.COSTS);
        List<HookCost> hooks = HookCosts.read(record.bytes(), costsAt, costsLength);
        return new TrailEntry(
                record.string(AccessText.REQUEST_ID),
                Instant.ofEpochSecond(Math.floorDiv(us, 1_000_000), Math.floorMod(us, 1_000_000) * 1000L),
                address(record),
                record.string(AccessText.METHOD),
                record.string(AccessText.HOST),
                record.string(AccessText.PATH),
                record.string(AccessText.QUERY),
                record.string(AccessText.PROTOCOL),
                record.string(AccessText.LISTENER),
                record.string(AccessText.ROUTE),
                record.string(AccessText.UPSTREAM),
                record.string(AccessText.ENDPOINT),
                record.string(AccessText.CONSUMER),
                record.status(),
                Optional.ofNullable(record.reason()),
                record.tries(),
                record.bytesIn(),
                record.bytesOut(),
                record.durationNs() / 1000,
                record.upstreamNs() < 0 ? -1 : record.upstreamNs() / 1000,
                record.isTruncated(),
                steps(record),
                hooks,
                HookCosts.told(record.bytes(), costsAt, costsLength) - hooks.size());
    }

    /** The entry of {@code auth} that said who called; empty if none did. */
    public String identifiedBy() {
        return steps.stream()
                .filter(step -> step.kind() == TrailSteps.Kind.AUTH && step.verdict() == TrailSteps.Verdict.CHOSEN)
                .map(TrailStep::detail)
                .findFirst()
                .orElse("");
    }

    private static String address(AccessRecord record) {
        int offset = record.offset(AccessText.CLIENT_ADDRESS);
        int length = record.length(AccessText.CLIENT_ADDRESS);
        if (length != 4 && length != 16) {
            return "";
        }
        byte[] raw = new byte[length];
        System.arraycopy(record.bytes(), offset, raw, 0, length);
        try {
            return InetAddress.getByAddress(raw).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    private static List<TrailStep> steps(AccessRecord record) {
        List<TrailStep> steps = new ArrayList<>();
        byte[] source = record.bytes();
        int at = record.offset(AccessText.STEPS);
        int end = at + record.length(AccessText.STEPS);
        while (at + TrailSteps.HEAD_BYTES <= end && at + TrailSteps.HEAD_BYTES + source[at + 3] <= end) {
            byte[] detail = TrailSteps.detail(source, at);
            steps.add(new TrailStep(
                    TrailSteps.kind(source, at),
                    TrailSteps.verdict(source, at),
                    TrailSteps.elapsedUs(source, at),
                    new String(detail, StandardCharsets.UTF_8),
                    Optional.ofNullable(TrailSteps.reason(source, at)),
                    TrailSteps.isFollowedByMore(source, at)));
            at += TrailSteps.HEAD_BYTES + detail.length;
        }
        return List.copyOf(steps);
    }
}
