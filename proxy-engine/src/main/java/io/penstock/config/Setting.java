package io.penstock.config;

import java.util.Optional;

/**
 * What one level says of a value that the nearest level decides as a whole: nothing, so that outer levels hold; the value;
 * or, written {@code null}, that there is none whatever outer levels say.
 *
 * @param isWritten whether the level says anything
 * @param value the value; empty where nothing or {@code null} is written
 */
public record Setting<T>(boolean isWritten, Optional<T> value) {
    private static final Setting<?> INHERITED = new Setting<>(false, Optional.empty());
    private static final Setting<?> NONE = new Setting<>(true, Optional.empty());

    public Setting {
        if (value.isPresent() && !isWritten) {
            throw new IllegalArgumentException("a value that is not written");
        }
    }

    /** Nothing is written. */
    @SuppressWarnings("unchecked") // It holds no value.
    public static <T> Setting<T> inherited() {
        return (Setting<T>) INHERITED;
    }

    /** What was inherited is taken away. */
    @SuppressWarnings("unchecked") // It holds no value.
    public static <T> Setting<T> none() {
        return (Setting<T>) NONE;
    }

    /** A value. */
    public static <T> Setting<T> of(T value) {
        return new Setting<>(true, Optional.of(value));
    }

    /** What holds from this level inwards, where something else holds outside of it. */
    Effective<Optional<T>> over(Effective<Optional<T>> outer, Origin origin) {
        return isWritten ? new Effective<>(value, origin) : outer;
    }
}
