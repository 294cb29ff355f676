package io.penstock.spi;

/**
 * Which worker.
 *
 * @param index from 0 to {@code count - 1}
 * @param count how many workers there are
 */
public record WorkerId(int index, int count) {
    public WorkerId {
        if (index < 0 || index >= count) {
            throw new IllegalArgumentException("worker index " + index + " is outside 0.." + (count - 1));
        }
    }
}
