package io.penstock.admin.revision;

import io.penstock.admin.store.ResourceKey;

/**
 * Between config records and the JSON that is stored. Any thread; stateless.
 *
 * <p>A part is a {@link io.penstock.config.Resource} or the instance's {@link io.penstock.config.Defaults}, both records.
 */
public interface ConfigCodec {

    /** Canonical JSON on one line: equal parts give equal text, in every version that writes the same format. */
    String toJson(Record part);

    /** The same text without what is stored and shown to nobody: what audit lines hold. */
    default String toShownJson(Record part) {
        return toJson(part);
    }

    /**
     * The part that the text stands for.
     *
     * @throws IllegalArgumentException if it is not one, with the reason
     */
    Record fromJson(ResourceKey key, String json);
}
