package io.penstock.admin.resource;

import io.penstock.config.ByteSize;
import io.penstock.config.ErrorMatch;
import io.penstock.config.RetryCondition;
import io.penstock.config.StatusRange;

/** How the values of a leaf type are written in JSON. */
enum LeafKind {
    NUMBER,
    TRUTH,
    TEXT,
    TEXT_OR_NUMBER;

    static LeafKind of(Class<?> leaf) {
        if (leaf == int.class || leaf == Integer.class || leaf == long.class || leaf == Long.class) {
            return NUMBER;
        }
        if (leaf == boolean.class || leaf == Boolean.class) {
            return TRUTH;
        }
        return leaf == ByteSize.class
                        || leaf == StatusRange.class
                        || leaf == ErrorMatch.class
                        || leaf == RetryCondition.class
                ? TEXT_OR_NUMBER
                : TEXT;
    }
}
