package io.penstock.coding;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.agrona.DirectBuffer;

/** The coding {@code gzip} (RFC 1952) or {@code deflate} (RFC 1950). */
final class DeflateEncoder implements Encoder {
    private static final int[] LEVELS = {1, 4, 6};
    private static final int OUTPUT_BYTES = 16 * 1024;
    // Method deflate, no flags, no time, fast, unknown system.
    private static final byte[] GZIP_HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final boolean isGzip;
    private final Deflater deflater;
    private final CRC32 check = new CRC32();
    private final byte[] output = new byte[OUTPUT_BYTES];
    private byte[] input = {};
    private boolean isBegun;

    DeflateEncoder(boolean isGzip, int effort) {
        this.isGzip = isGzip;
        this.deflater = new Deflater(LEVELS[effort], isGzip);
    }

    @Override
    public void encode(DirectBuffer source, int offset, int length, Output to) {
        if (input.length < length) {
            input = new byte[length];
        }
        source.getBytes(offset, input, 0, length);
        check.update(input, 0, length);
        deflater.setInput(input, 0, length);
        drain(Deflater.NO_FLUSH, to);
    }

    @Override
    public void flush(Output to) {
        drain(Deflater.SYNC_FLUSH, to);
    }

    @Override
    public void finish(Output to) {
        deflater.finish();
        drain(Deflater.NO_FLUSH, to);
        if (isGzip) {
            byte[] trailer = new byte[8];
            putInt(trailer, 0, (int) check.getValue());
            putInt(trailer, 4, (int) deflater.getBytesRead());
            to.put(trailer);
        }
    }

    private static void putInt(byte[] bytes, int at, int value) {
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
    }

    private void drain(int flush, Output to) {
        if (isGzip && !isBegun) {
            isBegun = true;
            to.put(GZIP_HEADER.clone());
        }
        int bytes;
        do {
            bytes = deflater.deflate(output, 0, OUTPUT_BYTES, flush);
            if (bytes > 0) {
                to.put(Arrays.copyOf(output, bytes));
            }
            // Less than there was room for: nothing is left inside.
        } while (bytes == OUTPUT_BYTES);
    }

    @Override
    public void close() {
        deflater.end();
    }
}
