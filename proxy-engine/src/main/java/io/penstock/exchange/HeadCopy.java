package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.http.RequestHead;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Counter;
import io.penstock.metrics.HeadSamples;

/**
 * Keeps the head of a request for rehearsals, now and then: as it came, before filters. The texts of a kept head are, in this
 * order, {@link #LISTENER}, {@link #METHOD}, {@link #AUTHORITY}, {@link #TARGET}, then names and values of fields in turn.
 */
@WorkerConfined
public final class HeadCopy {
    /** The flag of a request that came by TLS. */
    public static final int SECURE = 1;

    /** The flag of a request that asks for another protocol, however it said so. */
    public static final int UPGRADE = 2;

    /** Where the listener's name stands, in UTF-8. */
    public static final int LISTENER = 0;

    /** Where the method stands. */
    public static final int METHOD = 1;

    /** Where the host stands, with its port if it was named. */
    public static final int AUTHORITY = 2;

    /** Where the target stands, as it was received. */
    public static final int TARGET = 3;

    /** Where fields begin. */
    public static final int FIELDS = 4;

    private HeadCopy() {}

    /** Keeps a head if one of its route is due; {@link HeadSamples#NO_ROUTE} where there is none. */
    static void ifDue(ExchangeContext context, RequestHead head, DownstreamStream stream, byte[] client, int route) {
        HeadSamples samples = context.meters().heads();
        if (samples.isDue(route, context.nowNs())) {
            keep(samples, context, head, stream, client, route);
        }
    }

    private static void keep(
            HeadSamples samples,
            ExchangeContext context,
            RequestHead head,
            DownstreamStream stream,
            byte[] client,
            int route) {
        byte[] listener = stream.listener().nameBytes();
        if (size(head, listener.length) > HeadSamples.textBytesMax()) {
            samples.pass(route, context.nowNs());
            context.meters().counters().add(Counter.HEADS_TOO_LARGE);
            return;
        }
        int flags = (stream.isSecure() ? SECURE : 0) | (head.isUpgrade() ? UPGRADE : 0);
        samples.begin(route, context.nowNs(), context.epochClock().epochUs(context.nowNs()), flags, client);
        samples.text(listener, 0, listener.length);
        byte[] bytes = head.bytes();
        samples.text(bytes, head.methodOffset(), head.methodLength());
        samples.text(bytes, head.authorityOffset(), head.authorityLength());
        samples.text(bytes, head.targetOffset(), head.targetLength());
        Fields fields = head.fields();
        for (int i = 0; i < fields.count(); i++) {
            samples.text(bytes, fields.nameOffset(i), fields.nameLength(i));
            samples.text(bytes, fields.valueOffset(i), fields.valueLength(i));
        }
        samples.publish();
        context.meters().counters().add(Counter.HEADS_KEPT);
    }

    private static int size(RequestHead head, int listenerBytes) {
        Fields fields = head.fields();
        int size = (FIELDS + 2 * fields.count()) * HeadSamples.TEXT_PREFIX_BYTES
                + listenerBytes
                + head.methodLength()
                + head.authorityLength()
                + head.targetLength();
        for (int i = 0; i < fields.count(); i++) {
            size += fields.nameLength(i) + fields.valueLength(i);
        }
        return size;
    }
}
