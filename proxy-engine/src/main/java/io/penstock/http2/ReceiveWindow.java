package io.penstock.http2;

import io.penstock.mark.WorkerConfined;

/**
 * What a peer may still send, on one stream or on a whole connection (RFC 9113 section 5.2): it opens by what was taken and
 * no further, and the peer is told when that is worth a frame.
 */
@WorkerConfined
public final class ReceiveWindow {
    private final int bytes;
    private final int worthBytes;
    private int left;
    private int taken;

    /** Open by so many bytes; the peer is told of it again when so many were taken. */
    public ReceiveWindow(int bytes, int worthBytes) {
        this.bytes = bytes;
        this.worthBytes = worthBytes;
        begin();
    }

    /** As it was when it was new. */
    public void begin() {
        left = bytes;
        taken = 0;
    }

    /** A frame of so many bytes begins. @return whether there is room for it; if not, the peer broke its rules */
    public boolean announce(int frameBytes) {
        left -= frameBytes;
        return left >= 0;
    }

    /** So many bytes were taken. @return by how many the window opens, which the peer has to be told now; 0 for none yet */
    public int take(int takenBytes) {
        taken += takenBytes;
        if (taken < worthBytes) {
            return 0;
        }
        int opened = taken;
        left += opened;
        taken = 0;
        return opened;
    }
}
