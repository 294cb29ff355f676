package io.penstock.exchange.limits;

import io.penstock.config.LimitKeyPart;
import io.penstock.config.OnMissing;
import io.penstock.http.ByteBuilder;
import io.penstock.http.Fields;
import io.penstock.http.QueryParameters;
import io.penstock.http.RequestHead;
import io.penstock.limit.KeyHash;
import io.penstock.limit.LimitPlan;
import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.RouteLimits;
import io.penstock.spi.Identity;
import org.jspecify.annotations.Nullable;

/**
 * Makes the key that a request has under a limit. Values are hashed where they lie, without allocation.
 *
 * <p>A part that the request lacks is hashed as a value that nothing present has, so that all that lack it share one bucket.
 * An empty value is not a missing one.
 */
@WorkerConfined
final class LimitKeys {
    /** A longer value counts by its length, its first and its last so many bytes. */
    static final int HALF_BYTES_MAX = 2048;

    // No length is negative, and a value is hashed behind its length.
    private static final long MISSING = -1;
    static final long BY_CONSUMER = -2;
    private static final long BY_SUBJECT = -3;
    private static final long FLAG = -4;

    private final KeyHash hash;
    private final QueryParameters query = new QueryParameters();
    private final ByteBuilder decoded = new ByteBuilder(256);

    LimitKeys(KeyHash hash) {
        this.hash = hash;
    }

    /** The hash of the key made last. */
    KeyHash hash() {
        return hash;
    }

    /** Makes the key. @return false if the request lacks a part of it, and the limit does not let those share a bucket */
    boolean make(LimitPlan plan, RouteLimits route, LimitSubject subject) {
        hash.begin(plan);
        for (LimitKeyPart part : plan.key()) {
            if (!add(part, route, subject)) {
                if (plan.onMissing() != OnMissing.SHARE) {
                    return false;
                }
                hash.add(MISSING);
            }
        }
        hash.finish();
        return true;
    }

    /** Adds a part. @return whether the request has it */
    private boolean add(LimitKeyPart part, RouteLimits route, LimitSubject subject) {
        return switch (part.kind()) {
            case CLIENT_ADDRESS -> {
                byte[] address = subject.clientAddress();
                hash.add(address, 0, address.length);
                yield true;
            }
            case ROUTE -> {
                hash.add(route.routeHash());
                yield true;
            }
            case SERVICE -> {
                hash.add(route.serviceHash());
                yield route.serviceHash() != 0;
            }
            case CONSUMER -> addConsumer(subject.notes().identity());
            case CONSUMER_GROUP -> addGroup(subject.notes().identity());
            case HEADER -> addHeader(subject.head(), part.name());
            case QUERY -> addParameter(subject.head(), part.name());
            case VARIABLE -> addVariable(subject.notes().variable(part.name()));
        };
    }

    // A subject that only a filter knows must not meet the consumer of that name.
    private boolean addConsumer(@Nullable Identity who) {
        if (who == null || who.subject().isEmpty()) {
            return false;
        }
        String consumer = who.consumer();
        hash.add(consumer == null ? BY_SUBJECT : BY_CONSUMER).add(consumer == null ? who.subject() : consumer);
        return true;
    }

    private boolean addGroup(@Nullable Identity who) {
        if (who == null || who.groups().isEmpty()) {
            return false;
        }
        hash.add(who.groups().getFirst());
        return true;
    }

    // All fields of the name, in their order: a client cannot hide the one that counts behind another.
    private boolean addHeader(RequestHead head, String name) {
        if (name.equals("host")) {
            addValue(head.bytes(), head.hostOffset(), head.hostLength());
            return head.hostLength() > 0;
        }
        Fields fields = head.fields();
        int found = fields.find(name);
        boolean isPresent = found >= 0;
        for (; found >= 0; found = fields.find(name, found + 1)) {
            addValue(fields.bytes(), fields.valueOffset(found), fields.valueLength(found));
        }
        return isPresent;
    }

    private boolean addParameter(RequestHead head, String name) {
        if (!query.find(head, name)) {
            return false;
        }
        decoded.clear();
        query.decodeValue(head.bytes(), decoded);
        addValue(decoded.array(), 0, decoded.length());
        return true;
    }

    private boolean addVariable(@Nullable Object value) {
        switch (value) {
            case String text -> hash.add(text);
            case Integer number -> hash.add((long) number);
            case Long number -> hash.add(number);
            case Double number -> hash.add(Double.doubleToLongBits(number));
            case Boolean flag -> hash.add(FLAG).add(flag ? 1 : 0);
            case null, default -> {
                return false;
            }
        }
        return true;
    }

    private void addValue(byte[] bytes, int offset, int length) {
        if (length <= 2 * HALF_BYTES_MAX) {
            hash.add(bytes, offset, length);
        } else {
            hash.add(length)
                    .add(bytes, offset, HALF_BYTES_MAX)
                    .add(bytes, offset + length - HALF_BYTES_MAX, HALF_BYTES_MAX);
        }
    }
}
