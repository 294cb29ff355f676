package io.penstock.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the fields of a record. */
final class AccessValues {
    private static final byte[][] REASON_CODES = Arrays.stream(Reason.values())
            .map(reason -> reason.code().getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};

    private AccessValues() {}

    static boolean isPresent(AccessField field, AccessRecord record) {
        AccessText source = field.source();
        if (source != null) {
            return record.length(source) > 0;
        }
        return switch (field) {
            case CLIENT_ADDRESS -> record.length(AccessText.CLIENT_ADDRESS) > 0;
            case REASON -> record.reason() != null;
            case UPSTREAM_US -> number(field, record) >= 0;
            case TRUNCATED -> record.isTruncated();
            default -> true;
        };
    }

    /** Whether a field that is no text of the record is written as text all the same. */
    static boolean isText(AccessField field) {
        return switch (field) {
            case TIME, TIME_COMMON, CLIENT_ADDRESS, REASON -> true;
            default -> false;
        };
    }

    /** Whether a field is a number, which is then told by {@link #number}. */
    static boolean isNumber(AccessField field) {
        return switch (field) {
            case STATUS, BYTES_IN, BYTES_OUT, DURATION_US, UPSTREAM_US, TRIES -> true;
            default -> false;
        };
    }

    /** The number of a field that is one; negative if it is absent. */
    static long number(AccessField field, AccessRecord record) {
        return switch (field) {
            case STATUS -> record.status();
            case BYTES_IN -> record.bytesIn();
            case BYTES_OUT -> record.bytesOut();
            case DURATION_US -> record.durationNs() / 1000;
            case UPSTREAM_US -> record.upstreamNs() < 0 ? -1 : record.upstreamNs() / 1000;
            case TRIES -> record.tries();
            default -> throw new IllegalStateException(field + " is no number");
        };
    }

    static void plain(AccessField field, AccessRecord record, AccessTimes times, LineBuffer into) {
        AccessText source = field.source();
        if (source != null) {
            into.plain(record.bytes(), record.offset(source), record.length(source));
        } else {
            own(field, record, times, into);
        }
    }

    /** Writes a field that is no text of the record. Nothing here needs escaping: numbers, times, addresses and codes of our own. */
    static void own(AccessField field, AccessRecord record, AccessTimes times, LineBuffer into) {
        switch (field) {
            case TIME -> times.iso(record.startedEpochUs(), into);
            case TIME_COMMON -> times.common(record.startedEpochUs(), into);
            case CLIENT_ADDRESS ->
                AccessAddress.write(
                        record.bytes(),
                        record.offset(AccessText.CLIENT_ADDRESS),
                        record.length(AccessText.CLIENT_ADDRESS),
                        into);
            case STATUS, BYTES_IN, BYTES_OUT, DURATION_US, UPSTREAM_US, TRIES -> into.number(number(field, record));
            case REASON -> {
                Reason reason = record.reason();
                if (reason != null) {
                    into.put(REASON_CODES[reason.index()]);
                }
            }
            case TRUNCATED -> into.put(TRUE);
            default -> throw new IllegalStateException(field + " is a text of the record");
        }
    }
}
