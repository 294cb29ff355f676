package io.penstock.exchange;

import io.penstock.coding.ContentCoding;
import io.penstock.coding.WholeBody;
import io.penstock.filter.CompressFilter;
import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.metrics.Counter;
import io.penstock.metrics.WorkerCounters;

/**
 * Codes what the gateway itself says, as the route's {@code compress} would have an endpoint's body coded. Done when the answer
 * leaves, so that it holds for refusals of every phase, error pages among them, and behind whatever filters do to the answer.
 */
final class OwnCoding {
    /** The longest body: it is coded at once, while the worker's other exchanges wait. */
    static final int BODY_BYTES_MAX = 256 << 10;

    private OwnCoding() {}

    static void code(FilterChain chain, RequestHead request, OwnAnswer answer, WorkerCounters counters) {
        if (answer.body().length == 0) {
            return;
        }
        for (int at = 0; at < chain.size(); at++) {
            if (chain.prepared(at) instanceof CompressFilter compress && code(compress, request, answer, counters)) {
                return;
            }
        }
    }

    private static boolean code(
            CompressFilter compress, RequestHead request, OwnAnswer answer, WorkerCounters counters) {
        Fields fields = answer.head().fields();
        byte[] plain = answer.body();
        ContentCoding coding = compress.choose(request.fields(), answer.head().status(), fields, plain.length);
        if (coding == null) {
            return false;
        }
        if (plain.length > BODY_BYTES_MAX) {
            counters.add(Counter.BODIES_NOT_COMPRESSED);
            return true;
        }
        byte[] coded = WholeBody.encoded(coding, compress.effort(), plain);
        answer.replaceBody(coded);
        fields.set("Content-Encoding", coding.token());
        BodyFields.weaken(fields);
        counters.add(Counter.BODIES_COMPRESSED);
        counters.add(Counter.COMPRESS_BYTES_IN, plain.length);
        counters.add(Counter.COMPRESS_BYTES_OUT, coded.length);
        return true;
    }
}
