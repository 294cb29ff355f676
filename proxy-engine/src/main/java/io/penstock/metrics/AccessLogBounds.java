package io.penstock.metrics;

/**
 * How much the access log may hold in memory.
 *
 * @param slots records in each worker's ring, a power of two
 * @param textBytes room for the texts of one record, at most 32 767
 * @param bufferBytes formatted lines waiting for each file, at least 64 KiB
 */
public record AccessLogBounds(int slots, int textBytes, int bufferBytes) {
    public AccessLogBounds {
        if (Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("slots must be a power of two, found " + slots);
        }
        if (textBytes < 64 || textBytes > Short.MAX_VALUE) {
            throw new IllegalArgumentException("textBytes must lie between 64 and 32767, found " + textBytes);
        }
        if (bufferBytes < 64 * 1024) {
            throw new IllegalArgumentException("bufferBytes must be at least 65536, found " + bufferBytes);
        }
    }

    /**
     * Bounds for so many workers: rings of 16 384 records, with more than four workers fewer, so that all rings
     * together stay below 60 MB. At 100 000 requests a second on one worker its ring bridges 160 ms of a log thread that gets
     * no processor. 768 bytes hold the trail (up to 256) and the texts of an ordinary browser's request uncut. The
     * file's buffer of 1 MiB takes the 2500 lines that 25 ms of that rate give.
     */
    public static AccessLogBounds forWorkers(int workers) {
        int slots = Math.clamp(Integer.highestOneBit(65_536 / Math.max(1, workers)), 2048, 16_384);
        return new AccessLogBounds(slots, 768, 1 << 20);
    }
}
