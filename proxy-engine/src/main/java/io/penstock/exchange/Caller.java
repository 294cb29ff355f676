package io.penstock.exchange;

import io.penstock.exchange.facts.FilterNotes;
import io.penstock.http.Fields;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.snapshot.ConsumerRuntime;
import io.penstock.snapshot.IdentityHeaders;
import io.penstock.spi.Credential;
import io.penstock.spi.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, once {@code auth} is over: what the upstream, the log and the limits are told of it. The fields that tell the
 * upstream are the gateway's alone: what a client sends under their names, or as {@code X-Consumer-*}, never goes on.
 */
@WorkerConfined
final class Caller {
    private static final LimitPlan[] NO_LIMITS = {};
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
        ConsumerRuntime known = context.consumers().consumer(identity, notes.credential());
        consumer = known;
        IdentityHeaders headers = exchange.route().authenticators().headers();
        if (known != null) {
            exchange.record().consumer(known.nameBytes());
            tell(headers.consumer(), known.nameBytes(), fields);
        }
        if (known == null || !headers.tellsSubjectOfStrangersOnly()) {
            tellSubject(headers, identity, known, fields);
        }
        tellGroups(headers.groups(), identity, known, fields);
        Credential by = notes.credential();
        if (by != null && !headers.credential().isEmpty()) {
            tell(headers.credential(), visible(by.id()), fields);
        }
        for (int i = 0; i < headers.claims().size(); i++) {
            Map.Entry<String, String> claim = headers.claims().get(i);
            tell(claim.getValue(), visible(identity.claims().getOrDefault(claim.getKey(), "")), fields);
        }
        return belongsTo(exchange.route().authenticators().groups(), identity) || refuse();
    }

    private static void tell(String header, byte[] value, Fields fields) {
        if (!header.isEmpty() && value.length > 0) {
            fields.add(header, value, 0, value.length);
        }
    }

    // Whom a plugin or a token knows and the configuration does not; whatever it is called, it makes no other field.
    private void tellSubject(
            IdentityHeaders headers, Identity identity, @Nullable ConsumerRuntime known, Fields fields) {
        byte[] subject = visible(identity.subject());
        if (known == null && subject.length > 0) {
            exchange.record().consumer(subject);
        }
        tell(headers.subject(), subject, fields);
    }

    private static void tellGroups(String header, Identity identity, @Nullable ConsumerRuntime known, Fields fields) {
        if (!header.isEmpty()) {
            tell(header, known == null ? visible(String.join(",", identity.groups())) : known.groupsBytes(), fields);
        }
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
