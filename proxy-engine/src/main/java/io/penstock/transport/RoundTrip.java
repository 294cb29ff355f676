package io.penstock.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Proves that a transport works: one loop listens, connects to itself, and bytes go there and back unchanged; more of them than a
 * socket takes at once, so that some have to wait.
 */
final class RoundTrip {
    /**
     * It takes milliseconds; on an emulated machine, where nothing is compiled yet, more than this. So it is given up once nothing
     * has come back for so long.
     */
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    /** After so many of them it is given up anyway. */
    private static final int TIMEOUTS_MAX = 6;

    private static final int BYTES = 512 * 1024;

    private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

    private final Transport transport;
    private final CompletableFuture<Boolean> returned = new CompletableFuture<>();

    /** Written by the loop. */
    private volatile int returnedBytes;

    RoundTrip(Transport transport) {
        this.transport = transport;
    }

    void run() throws BindRefused {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Loop loop = transport.newLoop("penstock-probe");
                BoundSocket socket = transport.bind(address, 1, 1).getFirst()) {
            loop.post(() -> begin(loop, socket));
            await();
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "bytes sent over loopback do not come back: " + returnedBytes + " of " + BYTES
                            + " have, and nothing happens for 10 s or all takes longer than a minute",
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it was tried", e);
        }
    }

    private void await() throws TimeoutException, ExecutionException, InterruptedException {
        int before = -1;
        for (int timeouts = 1; ; timeouts++) {
            try {
                returned.get(TIMEOUT_NS, TimeUnit.NANOSECONDS);
                return;
            } catch (TimeoutException silence) {
                int now = returnedBytes;
                if (now == before || timeouts == TIMEOUTS_MAX) {
                    throw silence;
                }
                before = now;
            }
        }
    }

    private void begin(Loop loop, BoundSocket socket) {
        try {
            loop.accept(socket, new Acceptor() {
                @Override
                public Loop owner() {
                    return loop;
                }

                @Override
                public ChannelHandler accepted(Channel channel) {
                    return new End(true);
                }
            });
            loop.connect(socket.localAddress(), TIMEOUT_NS, new End(false));
        } catch (RuntimeException e) {
            returned.completeExceptionally(e);
        }
    }

    /** Either end: the accepted one sends back what comes, the other waits for it. */
    private final class End implements ChannelHandler {
        private final boolean isEcho;

        End(boolean isEcho) {
            this.isEcho = isEcho;
        }

        @Override
        public void opened(Channel channel) {
            channel.receive(true);
            if (!isEcho) {
                byte[] bytes = new byte[BYTES];
                UnsafeBuffer words = new UnsafeBuffer(bytes);
                for (int i = 0; i < BYTES; i += Long.BYTES) {
                    words.putLong(i, i * STEP);
                }
                channel.send(bytes, 0, BYTES);
            }
        }

        @Override
        public int received(Channel channel, Received bytes) {
            if (isEcho) {
                channel.send(bytes, bytes.offset(), bytes.length());
            } else {
                // By whole words, since nothing of this is compiled yet.
                int receivedBytes = returnedBytes;
                int first = -receivedBytes & Long.BYTES - 1;
                for (int i = first; i + Long.BYTES <= bytes.length(); i += Long.BYTES) {
                    if (bytes.buffer().getLong(bytes.offset() + i) != (receivedBytes + i) * STEP) {
                        throw new IllegalStateException("bytes sent over loopback came back changed");
                    }
                }
                returnedBytes = receivedBytes + bytes.length();
                if (returnedBytes == BYTES) {
                    returned.complete(true);
                }
            }
            return bytes.length();
        }

        @Override
        public void endOfInput(Channel channel) {}

        @Override
        public void sendable(Channel channel) {}

        @Override
        public void closed(Channel channel, CloseCause cause) {
            returned.completeExceptionally(new IllegalStateException("loopback connection closed: " + cause));
        }
    }
}
