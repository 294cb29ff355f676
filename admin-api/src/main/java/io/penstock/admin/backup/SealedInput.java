package io.penstock.admin.backup;

import java.io.IOException;
import java.io.InputStream;

/** Reads what {@link SealedOutput} has written; gives no byte that was not found to be the one written. */
final class SealedInput extends InputStream {
    private static final int SEALED_BYTES = SealedChunks.CHUNK_BYTES + SealedChunks.TAG_BYTES;

    private final InputStream in;
    private final SealedChunks chunks;

    // The chunk behind the present one: only whether there is one tells which is the last.
    private byte[] next;
    private byte[] plain = {};
    private int at;
    private boolean isOver;

    SealedInput(InputStream in, SealedChunks chunks) throws IOException {
        this.in = in;
        this.chunks = chunks;
        this.next = in.readNBytes(SEALED_BYTES);
    }

    /** A chunk that does not open, on its way through interfaces that know only {@link IOException}. */
    static final class Damaged extends IOException {
        private static final long serialVersionUID = 1L;

        Damaged(BackupRefused refused) {
            super(refused.getMessage(), refused);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (at == plain.length) {
            if (isOver) {
                return -1;
            }
            openNext();
        }
        int part = Math.min(length, plain.length - at);
        System.arraycopy(plain, at, bytes, offset, part);
        at += part;
        return part;
    }

    private void openNext() throws IOException {
        byte[] sealed = next;
        next = sealed.length < SEALED_BYTES ? new byte[0] : in.readNBytes(SEALED_BYTES);
        isOver = next.length == 0;
        try {
            plain = chunks.open(sealed, sealed.length, isOver);
        } catch (BackupRefused refused) {
            throw new Damaged(refused);
        }
        at = 0;
    }
}
