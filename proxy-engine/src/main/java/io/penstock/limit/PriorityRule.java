package io.penstock.limit;

import io.penstock.config.FieldMatch;
import io.penstock.config.FieldMatchType;
import io.penstock.config.PriorityConfig;
import io.penstock.http.Fields;
import io.penstock.mark.SharedByWorkers;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which requests are of one class of priority: each kind of condition that is written must hold, by one of its values. */
@SharedByWorkers
final class PriorityRule {
    private final List<String> consumers;
    private final List<String> groups;
    private final List<String> routes;
    private final HeaderCondition[] headers;

    private record HeaderCondition(String lowerName, FieldMatchType type, String value) {
        // Fields that come more than once: one that fits is enough.
        boolean holds(Fields fields) {
            int at = fields.find(lowerName);
            if (type == FieldMatchType.PRESENT || type == FieldMatchType.ABSENT) {
                return (at >= 0) == (type == FieldMatchType.PRESENT);
            }
            while (at >= 0) {
                if (fields.valueEquals(at, value)) {
                    return true;
                }
                at = fields.find(lowerName, at + 1);
            }
            return false;
        }
    }

    private PriorityRule(PriorityConfig config) {
        this.consumers = config.consumers();
        this.groups = config.groups();
        this.routes = config.routes();
        List<FieldMatch> fields = config.headers();
        this.headers = new HeaderCondition[fields.size()];
        for (int i = 0; i < headers.length; i++) {
            FieldMatch field = fields.get(i);
            headers[i] = new HeaderCondition(
                    field.name().toLowerCase(Locale.ROOT),
                    field.type(),
                    field.value().orElse(""));
        }
    }

    static PriorityRule of(PriorityConfig config) {
        return new PriorityRule(config);
    }

    boolean holds(Fields fields, @Nullable String consumer, List<String> belongsTo, String route) {
        return (consumers.isEmpty() || (consumer != null && consumers.contains(consumer)))
                && (groups.isEmpty() || meet(groups, belongsTo))
                && (routes.isEmpty() || routes.contains(route))
                && headersHold(fields);
    }

    private boolean headersHold(Fields fields) {
        for (HeaderCondition condition : headers) {
            if (!condition.holds(fields)) {
                return false;
            }
        }
        return true;
    }

    // By index: an iterator for each request would be garbage.
    private static boolean meet(List<String> wanted, List<String> found) {
        for (int i = 0; i < wanted.size(); i++) {
            if (found.contains(wanted.get(i))) {
                return true;
            }
        }
        return false;
    }
}
