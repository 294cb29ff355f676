package io.penstock.route;

import io.penstock.mark.WorkerConfined;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Decides whether one rule's conditions hold for one request, and if not, which is the first that fails. Lookup and
 * explanation share it, so they cannot differ.
 */
@WorkerConfined
final class RuleMatcher {
    /** What failed, in the upper half of an answer; the lower half is the condition's index. 0 means that all hold. */
    static final int PATH = 1 << 16;

    static final int LISTENER = 2 << 16;
    static final int METHOD = 3 << 16;
    static final int HEADER = 4 << 16;
    static final int QUERY = 5 << 16;
    static final int SOURCE = 6 << 16;
    static final int WHAT = 0xffff << 16;

    private final RegexMatchers regexes = new RegexMatchers();
    private final QueryParameters parameters = new QueryParameters();

    /** Looks at a rule's conditions in their order; a method that does not fit is passed over if told so. */
    int firstFailure(RouteTable table, RouteQuery query, int methodBit, int ref, boolean passMethod) {
        UnsafeBuffer page = Pages.page(table.pages, ref);
        int rule = Pages.offset(ref);
        int flags = page.getByte(rule + Layout.RULE_FLAGS);
        if (flags == 0) {
            return 0;
        }
        if ((flags & Layout.HAS_REGEX) != 0) {
            int id = page.getInt(rule + Layout.regexAt(flags));
            if (!regexes.matches(table.atoms, id, query.bytes(), query.pathOffset(), query.pathLength())) {
                return PATH;
            }
        }
        if ((flags & Layout.HAS_LISTENERS) != 0) {
            ListenerSet listeners = (ListenerSet) table.atoms[page.getInt(rule + Layout.listenersAt(flags))];
            if (!listeners.contains(query.listenerId())) {
                return LISTENER;
            }
        }
        if ((flags & Layout.HAS_METHODS) != 0
                && !passMethod
                && (page.getLong(rule + Layout.RULE_BODY) & (1L << methodBit)) == 0) {
            return METHOD;
        }
        return (flags & Layout.HAS_CONDITIONS) == 0
                ? 0
                : firstFailingCondition(table, query, page, Layout.conditions(page, rule, flags));
    }

    private int firstFailingCondition(RouteTable table, RouteQuery query, UnsafeBuffer page, int conditions) {
        int headers = Layout.u8(page, conditions);
        int queries = Layout.u8(page, conditions + 1);
        int sources = Layout.u16(page, conditions + 2);
        int at = conditions + Layout.CONDITIONS_HEAD;
        for (int i = 0; i < headers; i++) {
            if (!headerHolds(table, query, page, at)) {
                return HEADER | i;
            }
            at += Layout.fieldBytes(page, at);
        }
        for (int i = 0; i < queries; i++) {
            if (!queryHolds(table, query, page, at)) {
                return QUERY | i;
            }
            at += Layout.fieldBytes(page, at);
        }
        return sources == 0 || anySourceHolds(query, page, at, sources) ? 0 : SOURCE;
    }

    // Fields that come more than once: one that fits is enough.
    private boolean headerHolds(RouteTable table, RouteQuery query, UnsafeBuffer page, int field) {
        String name = ((FieldName) table.atoms[page.getInt(field + Layout.FIELD_NAME)]).text();
        int type = page.getByte(field);
        int index = query.header(name, -1);
        if (type >= Layout.FIELD_PRESENT) {
            return (index >= 0) == (type == Layout.FIELD_PRESENT);
        }
        byte[] bytes = query.bytes();
        while (index >= 0) {
            int offset = query.headerOffset(index);
            int length = query.headerLength(index);
            boolean holds = type == Layout.FIELD_EXACT
                    ? isText(page, field + Layout.FIELD_VALUE, bytes, offset, length)
                    : regexes.matches(table.atoms, page.getInt(field + Layout.FIELD_VALUE), bytes, offset, length);
            if (holds) {
                return true;
            }
            index = query.header(name, index);
        }
        return false;
    }

    private boolean queryHolds(RouteTable table, RouteQuery query, UnsafeBuffer page, int field) {
        byte[] name = ((FieldName) table.atoms[page.getInt(field + Layout.FIELD_NAME)]).bytes();
        int type = page.getByte(field);
        parameters.reset(query.bytes(), query.queryOffset(), query.queryLength());
        if (type >= Layout.FIELD_PRESENT) {
            return parameters.next(name) == (type == Layout.FIELD_PRESENT);
        }
        int value = field + Layout.FIELD_VALUE;
        while (parameters.next(name)) {
            if (type == Layout.FIELD_EXACT) {
                if (parameters.valueIs(page, value + 2, Layout.u16(page, value))) {
                    return true;
                }
            } else {
                int length = parameters.decodeValue();
                if (regexes.matches(table.atoms, page.getInt(value), parameters.decoded(), 0, length)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isText(UnsafeBuffer page, int value, byte[] bytes, int offset, int length) {
        if (Layout.u16(page, value) != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (page.getByte(value + 2 + i) != bytes[offset + i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean anySourceHolds(RouteQuery query, UnsafeBuffer page, int sources, int count) {
        long high = query.clientAddressHigh();
        long low = query.clientAddressLow();
        boolean isV6 = high != 0 || low >>> 32 != 0xffff;
        for (int i = 0; i < count; i++) {
            int at = sources + i * Layout.SOURCE_BYTES;
            boolean wantsV6 = page.getByte(at) != 0;
            int bits = Layout.u8(page, at + 1) + (wantsV6 ? 0 : 96);
            if (wantsV6 == isV6
                    && ((page.getLong(at + 2) ^ high) & leadingBits(Math.min(bits, Long.SIZE))) == 0
                    && ((page.getLong(at + 10) ^ low) & leadingBits(Math.max(0, bits - Long.SIZE))) == 0) {
                return true;
            }
        }
        return false;
    }

    private static long leadingBits(int count) {
        return count == 0 ? 0 : -1L << (Long.SIZE - count);
    }
}
