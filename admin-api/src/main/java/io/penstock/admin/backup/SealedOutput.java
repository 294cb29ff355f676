package io.penstock.admin.backup;

import java.io.IOException;
import java.io.OutputStream;

/** Writes what is put in as sealed chunks. {@link #finish} writes the last one; without it the whole cannot be opened. */
final class SealedOutput extends OutputStream {
    private final OutputStream out;
    private final SealedChunks chunks;
    private final byte[] plain = new byte[SealedChunks.CHUNK_BYTES];
    private int filled;

    SealedOutput(OutputStream out, SealedChunks chunks) {
        this.out = out;
        this.chunks = chunks;
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (filled == plain.length) {
                out.write(chunks.seal(plain, filled, false));
                filled = 0;
            }
            int part = Math.min(left, plain.length - filled);
            System.arraycopy(bytes, at, plain, filled, part);
            filled += part;
            at += part;
            left -= part;
        }
    }

    void finish() throws IOException {
        out.write(chunks.seal(plain, filled, true));
        out.flush();
    }
}
