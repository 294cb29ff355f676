package io.penstock.downstream;

import io.penstock.http.Fields;
import io.penstock.http2.PeerSettings;
import io.penstock.http2.ReceiveWindow;
import io.penstock.mark.WorkerConfined;
import io.penstock.transport.HeldBody;
import io.penstock.transport.HeldChunk;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;

/**
 * The body of one stream's request. While it is wanted it goes on where it lies; what comes while it is not is kept, and
 * the client's window, which opens by what was taken and no further, bounds how much that can be. Its length is held to what
 * was declared before any of it counts as complete.
 */
@WorkerConfined
final class Http2RequestBody {
    private static final int WINDOW_BYTES = PeerSettings.WINDOW_BYTES;

    private final Http2Stream stream;
    private final DownstreamContext context;
    private final HeldBody held;
    private final ReceiveWindow window = new ReceiveWindow(WINDOW_BYTES, WINDOW_BYTES / 2);
    private final Fields trailers = new Fields();
    private final ProgressTimer timer = new ProgressTimer();
    private final Runnable delivery = this::deliver;

    // Of its content, all that the exchange took.
    private long takenInAll;
    // What is missing of the declared length; -1 where none was declared.
    private long lengthLeft;
    private boolean isDemanded;
    private boolean isEndHere;
    private boolean isEndTold;
    private boolean isDeliveryDue;
    private boolean isTunnel;
    // Counts the streams this object has served, so that a delivery that was meant for an earlier one is none.
    private int turn;
    private int deliveryTurn;

    Http2RequestBody(Http2Stream stream, DownstreamContext context) {
        this.stream = stream;
        this.context = context;
        this.held = new HeldBody(context.http2().chunks());
    }

    /** @param isComplete whether none follows */
    void begin(long declaredLength, boolean isComplete) {
        window.begin();
        takenInAll = 0;
        lengthLeft = declaredLength;
        isDemanded = false;
        isEndHere = isComplete;
        isEndTold = isComplete;
        isDeliveryDue = false;
        isTunnel = false;
        turn++;
    }

    /** What comes is no body any more; whoever made it a tunnel knows how long it may be silent. */
    void becomeTunnel() {
        isTunnel = true;
        context.wheel().disarm(timer);
    }

    /** Whether the client has ended its side. */
    boolean isEndHere() {
        return isEndHere;
    }

    /** A trailer section is decoded into it. */
    Fields trailers() {
        return trailers;
    }

    /** A frame of so many bytes begins. @return whether the window allows it */
    boolean announce(int bytes) {
        return window.announce(bytes);
    }

    /** Whether so many more bytes are within the declared length. */
    boolean fits(int bytes) {
        return lengthLeft < 0 || bytes <= lengthLeft;
    }

    /** Nothing but the end may follow, and that in time. */
    void awaitEnd() {
        timer.begin();
    }

    /** Whether nothing is missing of the declared length. */
    boolean isWhole() {
        return lengthLeft <= 0;
    }

    /** Takes body that has come. */
    void take(Received bytes, int offset, int length) {
        if (lengthLeft > 0) {
            lengthLeft -= length;
        }
        if (isDemanded && held.isEmpty()) {
            progress();
            credit(length);
            stream.exchange().requestBody(bytes, offset, length);
        } else {
            held.hold(bytes.buffer(), offset, length);
        }
    }

    /** The client has ended its side. */
    void end() {
        isEndHere = true;
        context.wheel().disarm(timer);
        if (isDemanded && held.isEmpty()) {
            tellEnd();
        }
    }

    /** The client has ended its side, and nobody is told. */
    void endUnwanted() {
        context.wheel().disarm(timer);
        isEndHere = true;
        isEndTold = true;
    }

    private void tellEnd() {
        isEndTold = true;
        stream.exchange().requestEnd(trailers);
    }

    /** Whether the exchange wants body. */
    void demand(boolean wanted) {
        isDemanded = wanted;
        if (!wanted) {
            context.wheel().disarm(timer);
            return;
        }
        if (!isEndHere) {
            progress();
        }
        if (!isDeliveryDue && (!held.isEmpty() || (isEndHere && !isEndTold))) {
            // Never inside the call that asks.
            isDeliveryDue = true;
            deliveryTurn = turn;
            context.loop().post(delivery);
        }
    }

    private void progress() {
        if (!isTunnel) {
            timer.begin();
        }
    }

    private void deliver() {
        if (deliveryTurn != turn || !isDeliveryDue) {
            return;
        }
        isDeliveryDue = false;
        int served = turn;
        while (served == turn && stream.hasExchange() && isDemanded && !held.isEmpty()) {
            HeldChunk chunk = held.removeFirst();
            credit(chunk.length());
            try {
                stream.exchange().requestBody(chunk, 0, chunk.length());
            } finally {
                held.release(chunk);
            }
        }
        if (served == turn && stream.hasExchange() && isDemanded && held.isEmpty() && isEndHere && !isEndTold) {
            tellEnd();
        }
    }

    /** How many bytes of it the exchange has taken. */
    long takenInAll() {
        return takenInAll;
    }

    // The client may send as much again as was taken; it is told when that is worth a frame.
    private void credit(int bytes) {
        stream.connection().bodyTaken(takenInAll, bytes);
        takenInAll += bytes;
        open(bytes);
    }

    private void open(int bytes) {
        int opened = window.take(bytes);
        if (opened > 0 && !isEndHere) {
            stream.sender().windowUpdate(stream.id(), opened);
        }
    }

    /** Padding, which is taken as it comes. */
    void padding(int bytes) {
        open(bytes);
    }

    /** The stream is no more. @return how many bytes were kept for it, which the connection's window gets back */
    int drop() {
        context.wheel().disarm(timer);
        int bytes = held.drop();
        trailers.reset();
        isDemanded = false;
        isDeliveryDue = false;
        turn++;
        return bytes;
    }

    /** How long the client may take to send some of a body that is wanted. */
    private final class ProgressTimer extends Timer {
        void begin() {
            context.wheel().arm(this, context.nowNs() + stream.listener().bodyProgressTimeoutNs());
        }

        @Override
        protected void expired(long nowNs) {
            stream.bodyTimeout();
        }
    }
}
