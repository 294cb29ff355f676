package io.penstock.exchange.limits;

import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.limit.LimitPolicy;
import io.penstock.mark.WorkerConfined;
import org.jspecify.annotations.Nullable;

/**
 * What the answer of one exchange tells of its limits: {@code RateLimit-Policy} and {@code RateLimit} as in
 * draft-ietf-httpapi-ratelimit-headers-10. Fields of those names that the endpoint sent give way, since the client's next request
 * comes here first; where there is nothing to tell they stay.
 */
@WorkerConfined
public final class LimitReport {
    /** So many are told of, in the order in which they were taken. */
    public static final int POLICIES_MAX = 16;

    private static final long SECOND_NS = 1_000_000_000L;

    private final @Nullable LimitPolicy[] policies = new LimitPolicy[POLICIES_MAX];
    private final long[] left = new long[POLICIES_MAX];
    private final long[] resetNs = new long[POLICIES_MAX];
    private int count;

    /** Tells that so many are left, and that there will be more so much later. */
    void add(LimitPolicy policy, long leftNow, long moreAfterNs) {
        if (count < POLICIES_MAX) {
            policies[count] = policy;
            left[count] = leftNow;
            resetNs[count] = moreAfterNs;
            count++;
        }
    }

    /** Writes both fields, if there is anything to tell. {@code text} is written over. */
    public void writeTo(Fields fields, ByteBuilder text) {
        if (count == 0) {
            return;
        }
        fields.remove("ratelimit-policy");
        fields.remove("ratelimit");
        text.clear();
        for (int i = 0; i < count; i++) {
            separate(text, i).append(policy(i).text());
        }
        fields.add("RateLimit-Policy", text.array(), 0, text.length());
        text.clear();
        for (int i = 0; i < count; i++) {
            LimitPolicy policy = policy(i);
            separate(text, i)
                    .append(policy.text(), 0, policy.nameLength())
                    .append(";r=")
                    .appendDecimal(left[i])
                    .append(";t=")
                    .appendDecimal((resetNs[i] + SECOND_NS - 1) / SECOND_NS);
        }
        fields.add("RateLimit", text.array(), 0, text.length());
    }

    private LimitPolicy policy(int index) {
        LimitPolicy policy = policies[index];
        if (policy == null) {
            throw new IllegalStateException("nothing was told of limit " + index);
        }
        return policy;
    }

    private static ByteBuilder separate(ByteBuilder text, int index) {
        return index == 0 ? text : text.append(", ");
    }

    /** Forgets them, for the next request. */
    public void reset() {
        count = 0;
    }
}
