package io.penstock.route;

import io.penstock.mark.WorkerConfined;
import org.agrona.collections.Long2ObjectHashMap;

/** The last texts of {@code Allow} that a worker made, so that a flood of wrong methods makes none anew. */
@WorkerConfined
final class AllowTexts {
    private static final int TEXTS_MAX = 32;

    private final Long2ObjectHashMap<String> texts = new Long2ObjectHashMap<>();
    private byte[][] tokens = new byte[0][];

    // Identity is meant: tables that name the same methods share the array.
    @SuppressWarnings("ReferenceEquality")
    String of(byte[][] methodTokens, long mask) {
        if (tokens != methodTokens) {
            // Another table may give a bit to another method.
            texts.clear();
            tokens = methodTokens;
        }
        String known = texts.get(mask);
        if (known != null) {
            return known;
        }
        if (texts.size() >= TEXTS_MAX) {
            texts.clear();
        }
        String text = MethodBits.names(methodTokens, mask, ", ");
        texts.put(mask, text);
        return text;
    }
}
