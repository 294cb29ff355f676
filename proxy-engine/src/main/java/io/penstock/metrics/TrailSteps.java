package io.penstock.metrics;

import io.penstock.mark.WorkerConfined;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one exchange so far, as bytes: kept by the exchange, copied into its access record at the end.
 *
 * <p>Reused, bounded, without allocation. Steps that do not fit are left out and the last one kept says so.
 */
@WorkerConfined
public final class TrailSteps {
    /** Room for the steps of one exchange. */
    public static final int BYTES_MAX = 256;

    /** What was decided. */
    public enum Kind {
        /** Access lists. */
        ACCESS,
        /** The route table was asked; the detail is the route. */
        ROUTE,
        /** One of the services that share the route was chosen; the detail is its name. */
        BACKEND,
        /** A limit was tried; the detail is its name. */
        LIMIT,
        /** Credentials were checked; the detail is the scheme. */
        AUTH,
        /** The request waited for admission, or was not let in; the detail is where the admission is written. */
        ADMISSION,
        /** A filter ran on the request; the detail is its type or plugin. */
        REQUEST_FILTER,
        /** A stream was asked of the upstream; the detail is the upstream. */
        UPSTREAM,
        /** An endpoint was tried; the detail is its address. */
        ENDPOINT,
        /** The response's head came from the endpoint. */
        ANSWER,
        /** A filter ran on the response; the detail is its type or plugin. */
        RESPONSE_FILTER,
        /** The bytes became opaque after an upgrade. */
        TUNNEL,
        /** The exchange ended. */
        END;

        @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
        int index() {
            return ordinal();
        }
    }

    /** How it went. */
    public enum Verdict {
        /** Go on. */
        PASSED,
        /** This is what is used from here on. */
        CHOSEN,
        /** Penstock refused the request here. */
        REFUSED,
        /** A filter or route answered here. */
        ANSWERED,
        /** The answer comes later. */
        SUSPENDED,
        /** It broke; more tries may follow. */
        FAILED,
        /** Sent again. */
        RETRIED,
        /** Sent to another endpoint too. */
        HEDGED,
        /** Another endpoint was sooner. */
        CANCELLED;

        @SuppressWarnings("EnumOrdinal") // an array on the request path; nothing of it is kept
        int index() {
            return ordinal();
        }
    }

    static final int HEAD_BYTES = 8;
    private static final int DETAIL_BYTES_MAX = 64;
    private static final byte MORE = (byte) 0x80;
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] NO_DETAIL = {};
    private static final List<Kind> KINDS = List.of(Kind.values());
    private static final List<Verdict> VERDICTS = List.of(Verdict.values());
    private static final List<Reason> REASONS = List.of(Reason.values());

    static {
        assert REASONS.size() < 255 && KINDS.size() < 128 : "ordinals must fit a byte";
    }

    private final byte[] bytes = new byte[BYTES_MAX];
    private int length;
    private int last;
    private long startNs;

    /** Forgets all steps; times count from {@code nowNs}. */
    public void begin(long nowNs) {
        length = 0;
        last = 0;
        startNs = nowNs;
    }

    /** Adds a step without detail. */
    public void add(Kind kind, Verdict verdict, long nowNs) {
        add(kind, verdict, 0, NO_DETAIL, 0, 0, nowNs);
    }

    /** Adds a step; a detail longer than 64 bytes is cut. */
    public void add(Kind kind, Verdict verdict, byte[] detail, int offset, int detailLength, long nowNs) {
        add(kind, verdict, 0, detail, offset, detailLength, nowNs);
    }

    /** Adds a step; a detail longer than 64 bytes is cut. */
    public void add(Kind kind, Verdict verdict, byte[] detail, long nowNs) {
        add(kind, verdict, 0, detail, 0, detail.length, nowNs);
    }

    /** Adds a step that went wrong; a detail longer than 64 bytes is cut. */
    public void add(Kind kind, Verdict verdict, Reason reason, byte[] detail, long nowNs) {
        add(kind, verdict, reason.index() + 1, detail, 0, detail.length, nowNs);
    }

    /** Adds a step that went wrong. */
    public void add(Kind kind, Verdict verdict, Reason reason, long nowNs) {
        add(kind, verdict, reason.index() + 1, NO_DETAIL, 0, 0, nowNs);
    }

    /**
     * Adds a step that went wrong with the stable code of why, behind its detail. What is cut of a long detail is never the code.
     * Allocates where there is a code.
     */
    public void add(Kind kind, Verdict verdict, Reason reason, byte[] detail, String code, long nowNs) {
        if (code.isEmpty()) {
            add(kind, verdict, reason, detail, nowNs);
            return;
        }
        byte[] why = (": " + code).getBytes(StandardCharsets.UTF_8);
        int kept = Math.clamp(DETAIL_BYTES_MAX - why.length, 0, detail.length);
        byte[] both = Arrays.copyOf(detail, kept + why.length);
        System.arraycopy(why, 0, both, kept, why.length);
        add(kind, verdict, reason, both, nowNs);
    }

    // One step: kind, verdict, reason + 1 or 0, length of the detail, microseconds since the beginning (4 bytes),
    // detail.
    private void add(Kind kind, Verdict verdict, int reason, byte[] detail, int offset, int detailLength, long nowNs) {
        int count = Math.min(detailLength, DETAIL_BYTES_MAX);
        if (length + HEAD_BYTES + count > BYTES_MAX) {
            if (length > 0) {
                bytes[last] |= MORE;
            }
            return;
        }
        bytes[length] = (byte) kind.index();
        bytes[length + 1] = (byte) verdict.index();
        bytes[length + 2] = (byte) reason;
        bytes[length + 3] = (byte) count;
        INTS.set(bytes, length + 4, Math.clamp((nowNs - startNs) / 1000, 0, Integer.MAX_VALUE));
        System.arraycopy(detail, offset, bytes, length + HEAD_BYTES, count);
        last = length;
        length += HEAD_BYTES + count;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    static Kind kind(byte[] source, int at) {
        return KINDS.get(source[at] & ~MORE);
    }

    static boolean isFollowedByMore(byte[] source, int at) {
        return (source[at] & MORE) != 0;
    }

    static Verdict verdict(byte[] source, int at) {
        return VERDICTS.get(source[at + 1]);
    }

    static @Nullable Reason reason(byte[] source, int at) {
        int value = source[at + 2] & 0xff;
        return value == 0 ? null : REASONS.get(value - 1);
    }

    static byte[] detail(byte[] source, int at) {
        return Arrays.copyOfRange(source, at + HEAD_BYTES, at + HEAD_BYTES + source[at + 3]);
    }

    static int elapsedUs(byte[] source, int at) {
        return (int) INTS.get(source, at + 4);
    }
}
