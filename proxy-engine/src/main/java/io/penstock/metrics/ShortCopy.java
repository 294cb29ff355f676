package io.penstock.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Copies texts of a record and of a line. Most are names, methods and the like; for these, two overlapping words or two pairs of
 * them take half the time of the general copy, which begins with finding out what it was given.
 */
final class ShortCopy {
    private static final int SHORT_BYTES = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private ShortCopy() {}

    static void copy(byte[] source, int offset, byte[] target, int to, int count) {
        if (count > SHORT_BYTES) {
            System.arraycopy(source, offset, target, to, count);
        } else if (count >= Long.BYTES) {
            LONGS.set(target, to, (long) LONGS.get(source, offset));
            if (count > 2 * Long.BYTES) {
                LONGS.set(target, to + 8, (long) LONGS.get(source, offset + 8));
                LONGS.set(target, to + count - 16, (long) LONGS.get(source, offset + count - 16));
            }
            LONGS.set(target, to + count - 8, (long) LONGS.get(source, offset + count - 8));
        } else if (count >= Integer.BYTES) {
            INTS.set(target, to, (int) INTS.get(source, offset));
            INTS.set(target, to + count - 4, (int) INTS.get(source, offset + count - 4));
        } else {
            for (int i = 0; i < count; i++) {
                target[to + i] = source[offset + i];
            }
        }
    }
}
