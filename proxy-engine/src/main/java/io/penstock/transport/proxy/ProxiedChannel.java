package io.penstock.transport.proxy;

import io.penstock.mark.WorkerConfined;
import io.penstock.metrics.Reason;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.CloseCause;
import io.penstock.transport.Loop;
import io.penstock.transport.Received;
import io.penstock.transport.Timer;
import java.net.InetSocketAddress;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a client that came through a proxy which says so by a PROXY header: handler of the channel that it came
 * by, and to whoever serves it the channel itself, with the addresses that the header names. What lies behind the header,
 * and all that follows, passes untouched.
 */
@WorkerConfined
public final class ProxiedChannel implements Channel, ChannelHandler {
    /** How long a header may take from accept; senders send it at once. */
    public static final long HEADER_NS = 5_000_000_000L;

    private final Channel below;
    private final boolean isRequired;
    private final Behind behind;
    private final HeaderBound bound = new HeaderBound();

    /** Null once the header is read, or known not to come. */
    private @Nullable ProxyHeaderReader reader = new ProxyHeaderReader();

    /** Null until somebody serves the connection. */
    private @Nullable ChannelHandler handler;

    /** Bytes taken off the channel that turned out to be no header and were not handed on yet. */
    private @Nullable Kept kept;

    private ProxyHeader header = ProxyHeader.NOTHING;
    private InetSocketAddress remote;
    private InetSocketAddress local;
    private boolean isWanted;
    private boolean owesEnd;
    private boolean isGone;

    /**
     * Reads the header of a connection just accepted.
     *
     * @param isRequired whether the connection is closed if none comes
     */
    public ProxiedChannel(Channel below, boolean isRequired, Behind behind) {
        this.below = below;
        this.isRequired = isRequired;
        this.behind = behind;
        this.remote = below.remoteAddress();
        this.local = below.localAddress();
    }

    /** Who comes behind the header. */
    public interface Behind {
        /** The header is read, or there is none and none is required. @return who serves the connection, opened next */
        ChannelHandler begin(ProxiedChannel channel);

        /** The connection is being closed for want of an acceptable header. */
        void refused(Reason reason);

        /** The connection is gone before anybody served it. */
        void gone();
    }

    /** What the header says. */
    public ProxyHeader header() {
        return header;
    }

    // ---- from below ----

    @Override
    public void opened(Channel opened) {
        loop().wheel().arm(bound, loop().nowNs() + HEADER_NS);
        below.receive(true);
    }

    @Override
    public int received(Channel from, Received bytes) {
        ChannelHandler served = handler;
        if (served != null) {
            return kept == null ? served.received(this, bytes) : 0;
        }
        ProxyHeaderReader reading = reader;
        if (reading == null) {
            return bytes.length();
        }
        int taken = reading.feed(bytes.buffer(), bytes.offset(), bytes.length());
        switch (reading.state()) {
            case PARTIAL -> {}
            case COMPLETE -> {
                header = reading.header();
                InetSocketAddress source = header.source();
                InetSocketAddress destination = header.destination();
                if (source != null && destination != null) {
                    remote = source;
                    local = destination;
                }
                begin();
            }
            case ABSENT -> {
                if (isRequired) {
                    refuse(Reason.PROXY_HEADER_INVALID);
                    return bytes.length();
                }
                kept = new Kept(reading.taken());
                begin();
            }
            case MALFORMED -> {
                refuse(Reason.PROXY_HEADER_INVALID);
                return bytes.length();
            }
        }
        return taken;
    }

    private void begin() {
        loop().wheel().disarm(bound);
        reader = null;
        ChannelHandler served = behind.begin(this);
        handler = served;
        served.opened(this);
        // What follows comes in a call of its own: the one that is under way has taken its part.
        loop().post(this::goOn);
    }

    private void goOn() {
        if (isGone || !isWanted) {
            return;
        }
        handOnKept();
        if (kept == null && !isGone) {
            below.receive(isWanted);
            tellEnd();
        }
    }

    private void handOnKept() {
        Kept rest = kept;
        ChannelHandler served = handler;
        if (rest != null && served != null) {
            int taken = served.received(this, rest);
            if (taken < rest.length()) {
                isWanted = false;
                kept = rest.behind(taken);
            } else {
                kept = null;
            }
        }
    }

    private void tellEnd() {
        ChannelHandler served = handler;
        if (owesEnd && served != null) {
            owesEnd = false;
            served.endOfInput(this);
        }
    }

    private void refuse(Reason why) {
        reader = null;
        loop().wheel().disarm(bound);
        behind.refused(why);
        below.abort();
    }

    @Override
    public void endOfInput(Channel from) {
        ChannelHandler served = handler;
        if (served == null) {
            if (reader != null) {
                refuse(Reason.PROXY_HEADER_INVALID);
            }
        } else if (kept == null) {
            served.endOfInput(this);
        } else {
            owesEnd = true;
        }
    }

    @Override
    public void sendable(Channel from) {
        if (handler != null) {
            handler.sendable(this);
        }
    }

    @Override
    public void closed(Channel from, CloseCause cause) {
        isGone = true;
        kept = null;
        loop().wheel().disarm(bound);
        ChannelHandler served = handler;
        if (served == null) {
            behind.gone();
        } else {
            served.closed(this, cause);
        }
    }

    private final class HeaderBound extends Timer {
        @Override
        protected void expired(long nowNs) {
            refuse(Reason.PROXY_HEADER_TIMEOUT);
        }
    }

    /** Bytes that are not the channel's any more. */
    private record Kept(UnsafeBuffer buffer, int offset, int length) implements Received {
        Kept(byte[] bytes) {
            this(new UnsafeBuffer(bytes), 0, bytes.length);
        }

        Kept behind(int taken) {
            return new Kept(buffer, offset + taken, length - taken);
        }
    }

    // ---- for whoever serves the connection ----

    @Override
    public Loop loop() {
        return below.loop();
    }

    @Override
    public void handler(ChannelHandler next) {
        handler = next;
    }

    @Override
    public void receive(boolean wanted) {
        isWanted = wanted;
        if (kept == null) {
            below.receive(wanted);
        } else if (wanted) {
            loop().post(this::goOn);
        }
    }

    @Override
    public void send(byte[] source, int offset, int length) {
        below.send(source, offset, length);
    }

    @Override
    public void send(DirectBuffer source, int offset, int length) {
        below.send(source, offset, length);
    }

    @Override
    public void send(Received source, int offset, int length) {
        below.send(source, offset, length);
    }

    @Override
    public boolean isSendable() {
        return below.isSendable();
    }

    @Override
    public int pendingBytes() {
        return below.pendingBytes();
    }

    @Override
    public void finish() {
        below.finish();
    }

    @Override
    public void close() {
        below.close();
    }

    @Override
    public void abort() {
        below.abort();
    }

    @Override
    public boolean isOpen() {
        return below.isOpen();
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }
}
