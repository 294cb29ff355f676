package io.penstock.exchange;

import io.penstock.http.Fields;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ConsumerRuntime;
import io.penstock.spi.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, once {@code auth} is over: what the upstream, the log and the limits are told of it. The fields that tell the
 * upstream ({@code X-Consumer-*}) are the gateway's alone: what a client sends under these names never goes on.
 */
@WorkerConfined
final class Caller {
    private static final LimitPlan[] NO_LIMITS = {};
    private static final String NAME = "X-Consumer-Name";
    private static final String GROUPS = "X-Consumer-Groups";
    private static final String SUBJECT = "X-Consumer-Subject";
    private static final int SUBJECT_BYTES_MAX = 1024;

    private final Exchange exchange;
    private final ExchangeContext context;
    private final FilterNotes notes;
    private @Nullable ConsumerRuntime consumer;

    Caller(Exchange exchange, ExchangeContext context, FilterNotes notes) {
        this.exchange = exchange;
        this.context = context;
        this.notes = notes;
    }

    /** Takes note of what {@code auth} has found out. @return false if the request is refused: return at once */
    boolean settle() {
        Fields fields = exchange.request().fields();
        fields.remove("x-consumer-name");
        fields.remove("x-consumer-groups");
        fields.remove("x-consumer-subject");
        Identity identity = notes.identity();
        if (identity == null) {
            return true;
        }
        ConsumerRuntime known = context.consumers().consumer(identity, notes.consumerNumber());
        consumer = known;
        if (known != null) {
            exchange.record().consumer(known.nameBytes());
            fields.add(NAME, known.nameBytes(), 0, known.nameBytes().length);
            if (known.groupsBytes().length > 0) {
                fields.add(GROUPS, known.groupsBytes(), 0, known.groupsBytes().length);
            }
        } else {
            tellStranger(identity, fields);
        }
        return belongsTo(exchange.route().authenticators().groups(), identity) || refuse();
    }

    private boolean belongsTo(List<String> wanted, Identity identity) {
        ConsumerRuntime known = consumer;
        for (int i = 0; i < wanted.size(); i++) {
            String group = wanted.get(i);
            if (identity.groups().contains(group)
                    || (known != null && known.identity().groups().contains(group))) {
                return true;
            }
        }
        return wanted.isEmpty();
    }

    private boolean refuse() {
        exchange.refuse(Reason.GROUP_REQUIRED, "who calls belongs to no group that the route lets pass");
        return false;
    }

    // Whom a plugin or a token knows and the configuration does not; whatever it is called, it makes no other field.
    private void tellStranger(Identity identity, Fields fields) {
        byte[] subject = visible(identity.subject());
        exchange.record().consumer(subject);
        if (subject.length > 0) {
            fields.add(SUBJECT, subject, 0, subject.length);
        }
        byte[] groups = visible(String.join(",", identity.groups()));
        if (groups.length > 0) {
            fields.add(GROUPS, groups, 0, groups.length);
        }
    }

    /** Visible ASCII of a text, all else percent-encoded, as far as there is room. */
    private static byte[] visible(String text) {
        StringBuilder shown = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            if (shown.length() >= SUBJECT_BYTES_MAX) {
                break;
            }
            if (octet > 0x20 && octet < 0x7f && octet != '%') {
                shown.append((char) octet);
            } else {
                shown.append(String.format("%%%02X", octet & 0xff));
            }
        }
        return shown.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The limits that come with the consumer; not to be written to. */
    LimitPlan[] limits() {
        ConsumerRuntime known = consumer;
        return known == null ? NO_LIMITS : known.limits();
    }

    void reset() {
        consumer = null;
    }
}
