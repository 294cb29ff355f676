package io.penstock.route;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where the fields of the three records lie in their blocks. Offsets in bytes from the block's start.
 *
 * <pre>
 * host     0 hash (8)    8 epoch (4)   12 paths: trie slot (4)   16 shapes (2)   18 length (1)   19 form (1)
 *          20 the shapes, each: literals (8), buckets (4), kind (1), fixed (1), unused (2)
 *             the text: "shop.example" | ".shop.example" | ""
 * bucket   0 hash (8)    8 epoch (4)   12 rules (4)   16 length (2)   18 kind (1)   19 fixed (1)
 *          20 references to the rules in their order (4 each)
 *             literals (8; templates only)
 *             the text: "/orders" for exact, prefix and regex; of a template its literal segments, each behind a slash
 * rule     0 epoch (4)   4 route id (4)   8 priority (4)   12 flags (1)   13 name's length (1)   14 match index (2)
 *          16 methods (8)   listeners (4)   parameter names (4)   regex (4)   conditions' bytes (4): each if flagged
 *             the name
 *             conditions: header conditions (1), query conditions (1), sources (2), then each
 *               field    type (1) name (4) and, if exact, length (2) and value, if regex, its id (4)
 *               source   is IPv6 (1), prefix (1), address (16)
 * </pre>
 *
 * Numbers are little-endian, as on every machine that the native transports know, so that a lookup may read neighbouring
 * fields as one long: the eight bytes from 12 on of a host or bucket, and the last eight of a shape.
 *
 * "listeners", "parameter names", "regex" and field names are ids in the table's {@link Atoms}.
 */
final class Layout {
    static final int HOST_PATHS = 12;
    static final int HOST_SHAPE_COUNT = 16;
    static final int HOST_LENGTH = 18;
    static final int HOST_FORM = 19;
    static final int HOST_SHAPES = 20;
    static final int SHAPE_BYTES = 16;
    static final int SHAPE_BUCKETS = 8;
    static final int SHAPE_KIND = 12;
    static final int SHAPE_FIXED = 13;

    static final int BUCKET_RULES = 12;
    static final int BUCKET_LENGTH = 16;
    static final int BUCKET_KIND = 18;
    static final int BUCKET_FIXED = 19;
    static final int BUCKET_REFS = 20;

    static final int RULE_EPOCH = 0;
    static final int RULE_ROUTE = 4;
    static final int RULE_PRIORITY = 8;
    static final int RULE_FLAGS = 12;
    static final int RULE_NAME_LENGTH = 13;
    static final int RULE_MATCH = 14;
    static final int RULE_BODY = 16;

    static final int HAS_METHODS = 1;
    static final int HAS_LISTENERS = 2;
    static final int HAS_PARAMETERS = 4;
    static final int HAS_REGEX = 8;
    static final int HAS_CONDITIONS = 16;

    static final int CONDITIONS_HEAD = 4;
    static final int SOURCE_BYTES = 18;

    static final int FIELD_NAME = 1;
    static final int FIELD_VALUE = 5;
    static final int FIELD_EXACT = 0;
    static final int FIELD_REGEX = 1;
    static final int FIELD_PRESENT = 2;
    static final int FIELD_ABSENT = 3;

    private Layout() {}

    /** The rules of a bucket, out of its long at {@link #BUCKET_RULES}. */
    static int bucketRules(long head) {
        return (int) head;
    }

    /** The text's length of a bucket, out of the same long. */
    static int bucketLength(long head) {
        return (int) (head >>> 32) & 0xffff;
    }

    /** Whether a bucket is of a kind and has so many fixed segments, out of the same long. */
    static boolean isBucketOf(long head, int kind, int fixed) {
        return (int) (head >>> 48) == (kind | fixed << 8);
    }

    /** A host's paths, out of its long at {@link #HOST_PATHS}. */
    static int hostPaths(long head) {
        return (int) head;
    }

    /** What a host's shapes take, out of the same long. */
    static int hostShapeBytes(long head) {
        return ((int) (head >>> 32) & 0xffff) * SHAPE_BYTES;
    }

    /** Whether a host is of a form and has a text so long, out of the same long. */
    static boolean isHostOf(long head, int form, int length) {
        return (int) (head >>> 48) == (length | form << 8);
    }

    /** A shape's kind, out of its long at {@link #SHAPE_BUCKETS}. */
    static int shapeKind(long half) {
        return (int) (half >>> 32) & 0xff;
    }

    /** A shape's fixed segments, out of the same long. */
    static int shapeFixed(long half) {
        return (int) (half >>> 40) & 0xff;
    }

    static int u8(UnsafeBuffer page, int offset) {
        return page.getByte(offset) & 0xff;
    }

    static int u16(UnsafeBuffer page, int offset) {
        return page.getShort(offset) & 0xffff;
    }

    static String text(UnsafeBuffer page, int offset, int length) {
        byte[] bytes = new byte[length];
        page.getBytes(offset, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static int hostBytes(int shapes, int length) {
        return HOST_SHAPES + shapes * SHAPE_BYTES + length;
    }

    static int bucketBytes(int rules, int kind, int length) {
        return bucketText(rules, kind) + length;
    }

    /** Where a bucket's text begins. */
    static int bucketText(int rules, int kind) {
        return BUCKET_REFS + (rules << 2) + (isTemplate(kind) ? Long.BYTES : 0);
    }

    static boolean isTemplate(int kind) {
        return kind == PathShape.TEMPLATE || kind == PathShape.TAIL;
    }

    static int listenersAt(int flags) {
        return RULE_BODY + ((flags & HAS_METHODS) << 3);
    }

    static int parametersAt(int flags) {
        return listenersAt(flags) + ((flags & HAS_LISTENERS) << 1);
    }

    static int regexAt(int flags) {
        return parametersAt(flags) + (flags & HAS_PARAMETERS);
    }

    static int conditionsBytesAt(int flags) {
        return regexAt(flags) + ((flags & HAS_REGEX) >>> 1);
    }

    static int nameAt(int flags) {
        return conditionsBytesAt(flags) + ((flags & HAS_CONDITIONS) >>> 2);
    }

    /** Where a rule's conditions begin. */
    static int conditions(UnsafeBuffer page, int rule, int flags) {
        return rule + nameAt(flags) + u8(page, rule + RULE_NAME_LENGTH);
    }

    /** What one field's condition takes. */
    static int fieldBytes(UnsafeBuffer page, int field) {
        return switch (page.getByte(field)) {
            case FIELD_EXACT -> FIELD_VALUE + 2 + u16(page, field + FIELD_VALUE);
            case FIELD_REGEX -> FIELD_VALUE + 4;
            default -> FIELD_VALUE;
        };
    }

    /** Where the sources begin. */
    static int sources(UnsafeBuffer page, int conditions) {
        int fields = u8(page, conditions) + u8(page, conditions + 1);
        int at = conditions + CONDITIONS_HEAD;
        for (int i = 0; i < fields; i++) {
            at += fieldBytes(page, at);
        }
        return at;
    }

    static String ruleName(UnsafeBuffer page, int rule) {
        return text(page, rule + nameAt(u8(page, rule + RULE_FLAGS)), u8(page, rule + RULE_NAME_LENGTH));
    }

    static int ruleBytes(UnsafeBuffer page, int rule) {
        int flags = u8(page, rule + RULE_FLAGS);
        int conditions = (flags & HAS_CONDITIONS) != 0 ? page.getInt(rule + conditionsBytesAt(flags)) : 0;
        return nameAt(flags) + u8(page, rule + RULE_NAME_LENGTH) + conditions;
    }
}
