package io.penstock.transport;

import io.netty.buffer.PooledByteBufAllocatorMetric;
import io.netty.channel.ChannelException;
import io.netty.channel.ServerChannel;
import io.netty.handler.codec.quic.Quic;
import io.netty.util.internal.PlatformDependent;
import io.penstock.mark.SharedByWorkers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The system interface that all loops of this process run on, chosen once; makes loops and binds server sockets.
 *
 * <p>Any thread. It holds nothing that needs to be closed: its loops and bound sockets are closed by those who asked for them.
 */
@SharedByWorkers
public final class Transport {
    /** What a peer's packet may have over UDP: what fits through every usual network, and no more. */
    static final int PACKET_BYTES_MAX = 1472;

    private final SystemInterface system;
    private final String reason;
    private final HeldAddresses held = new HeldAddresses();
    private final HeldAddresses datagramsHeld = new HeldAddresses();
    private final QuicServices quicServices;
    private final List<NettyLoop> loops = new CopyOnWriteArrayList<>();

    private Transport(SystemInterface system, String reason, QuicServices quicServices) {
        this.system = system;
        this.reason = reason;
        this.quicServices = quicServices;
    }

    /**
     * Opens the wanted transport, or the best that works. Whether one works is tried: a loop is started and bytes go around
     * over the loopback interface, which takes some ten milliseconds.
     *
     * @throws TransportRefused if the wanted one, or under {@code AUTO} every one, does not work here
     */
    public static Transport open(TransportChoice choice) throws TransportRefused {
        return open(choice, InheritedSockets.none());
    }

    /**
     * Opens one that takes another process's place.
     *
     * @param inherited what that one has handed over; the ways to connections that it keeps are taken out of it
     * @throws TransportRefused as in {@link #open(TransportChoice)}
     */
    public static Transport open(TransportChoice choice, InheritedSockets inherited) throws TransportRefused {
        if (!PlatformDependent.hasUnsafe()) {
            throw withoutUnsafe();
        }
        QuicServices services = new QuicServices(inherited.claimWays());
        StringBuilder refusals = new StringBuilder();
        for (SystemInterface system : SystemInterface.values()) {
            if (choice == TransportChoice.AUTO || choice.text().equals(system.text())) {
                Transport transport = new Transport(system, reason(choice, refusals), services);
                String fault = transport.fault();
                if (fault == null) {
                    return transport;
                }
                refusals.append(refusals.isEmpty() ? "" : "; ")
                        .append(system.text())
                        .append(" does not work here: ")
                        .append(fault);
            }
        }
        throw new TransportRefused(refusals + ". Choose another transport, or auto.");
    }

    /**
     * Opens one whose loops turn and whose sockets nobody will open: nothing is sent to see whether it works.
     *
     * @throws TransportRefused if the JVM denies what loops need
     */
    public static Transport openUntried() throws TransportRefused {
        if (!PlatformDependent.hasUnsafe()) {
            throw withoutUnsafe();
        }
        return new Transport(
                SystemInterface.NIO,
                "no socket is opened",
                new QuicServices(InheritedSockets.none().claimWays()));
    }

    private static TransportRefused withoutUnsafe() {
        return new TransportRefused("the JVM denies direct access to native memory;"
                + " start it with --sun-misc-unsafe-memory-access=allow and without -Dio.netty.noUnsafe");
    }

    private static String reason(TransportChoice choice, StringBuilder refusals) {
        if (choice != TransportChoice.AUTO) {
            return "as configured";
        }
        return refusals.isEmpty() ? "the best there is, and it works" : "the best that works; " + refusals;
    }

    /** Why this transport does not work on this machine; null if it does. */
    private @Nullable String fault() {
        try {
            Throwable unavailability = system.unavailability();
            if (unavailability != null) {
                return describe(unavailability);
            }
            new RoundTrip(this).run();
            return null;
        } catch (Exception | LinkageError e) {
            return describe(e);
        }
    }

    /** What the deepest cause that says anything says. */
    private static String describe(Throwable failure) {
        String text = failure.getClass().getSimpleName();
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t.getMessage() != null && !t.getMessage().isEmpty()) {
                text = t.getMessage();
            }
        }
        return text;
    }

    /** {@code io_uring}, {@code epoll} or {@code nio}. */
    public String name() {
        return system.text();
    }

    /** Why this one, and why not the better ones; one line for the operator. */
    public String reason() {
        return reason;
    }

    /**
     * Whether unix sockets can be listened on and connected to.
     */
    public boolean hasUnixSockets() {
        return system.hasUnixSockets();
    }

    /**
     * Starts a loop on a platform thread of its own, a daemon with a stack of 4 MiB.
     *
     * @throws IllegalStateException if the system refuses what a loop needs (memory, descriptors)
     */
    public Loop newLoop(String threadName) {
        NettyLoop loop;
        try {
            loop = new NettyLoop(system, threadName, SystemNanoClock.INSTANCE, loops::remove);
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    "loop " + threadName + " cannot be started on " + name() + ": " + describe(e), e);
        }
        loops.add(loop);
        loop.post(() -> {});
        return loop;
    }

    /**
     * Binds an address without listening on it: {@link Loop#accept} does, and cannot fail any more.
     *
     * <p>An address that another process serves is refused; one that this process serves or holds already is shared, so that a
     * listener can take another's place without a gap.
     *
     * @param address an IP address and port (0 for one of the kernel's choice), or a {@link UnixDomainSocketAddress}. The
     *     wildcard, of either family, takes both families
     * @param sockets how many loops will accept, each from its own socket, among which the kernel spreads connections; a unix
     *     address has only one, whatever is asked: let its acceptor spread them
     * @param backlog how many connections may wait to be accepted, for each socket; the kernel's own limit is net.core.somaxconn
     * @throws BindRefused if the address cannot be bound
     */
    public List<BoundSocket> bind(SocketAddress address, int sockets, int backlog) throws BindRefused {
        boolean isUnix = address instanceof UnixDomainSocketAddress;
        if (isUnix && !system.hasUnixSockets()) {
            throw new BindRefused(
                    address + " is a unix socket, which transport nio does not know; use epoll or io_uring");
        }
        int count = isUnix ? 1 : sockets;
        List<ServerChannel> channels = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                ServerChannel channel = system.newServerChannel(isUnix);
                channels.add(channel);
                if (!isUnix) {
                    system.shareAddress(channel);
                }
            }
            Reservation reservation = Reservation.of(address, count, held);
            List<BoundSocket> bound = new ArrayList<>(count);
            for (ServerChannel channel : channels) {
                bound.add(new NettyBoundSocket(reservation, channel, backlog, false));
            }
            return bound;
        } catch (BindRefused e) {
            channels.forEach(channel -> channel.unsafe().closeForcibly());
            throw e;
        } catch (ChannelException e) {
            channels.forEach(channel -> channel.unsafe().closeForcibly());
            throw new BindRefused(address + " cannot be bound: no socket (" + describe(e) + ")", e);
        }
    }

    /**
     * Makes sockets that another process has handed over this process's own, and adds new ones where more are wanted.
     *
     * @param address where they listen, as the listener says it; the port 0 stands for whichever they have
     * @param descriptors of sockets that listen; this transport's from here on, also if they are refused
     * @param sockets how many are wanted; at least all that were handed over are given back
     * @param backlog of new ones
     * @throws BindRefused if this transport makes no channels of descriptors, or an address cannot be shared
     */
    public List<BoundSocket> adopt(SocketAddress address, List<Integer> descriptors, int sockets, int backlog)
            throws BindRefused {
        boolean isUnix = address instanceof UnixDomainSocketAddress;
        List<ServerChannel> channels = new ArrayList<>();
        try {
            for (int descriptor : descriptors) {
                channels.add(system.listening(descriptor, isUnix));
            }
            for (int more = isUnix ? sockets : channels.size(); more < sockets; more++) {
                ServerChannel channel = system.newServerChannel(false);
                channels.add(channel);
                // A connection whose handshake is under way stays with the socket that has begun it.
                system.shareAddress(channel);
            }
            SocketAddress bound = isUnix ? address : channels.getFirst().localAddress();
            Reservation reservation = Reservation.inherited(bound, channels.size(), held);
            List<BoundSocket> adopted = new ArrayList<>(channels.size());
            for (ServerChannel channel : channels) {
                adopted.add(new NettyBoundSocket(reservation, channel, backlog, adopted.size() < descriptors.size()));
            }
            return adopted;
        } catch (BindRefused e) {
            channels.forEach(channel -> channel.unsafe().closeForcibly());
            throw e;
        } catch (ChannelException | UnsupportedOperationException e) {
            channels.forEach(channel -> channel.unsafe().closeForcibly());
            throw new BindRefused(address + " cannot be taken over: " + describe(e), e);
        }
    }

    /**
     * Binds UDP sockets to an address, among which the kernel spreads packets by where they come from. From then on packets wait in
     * them; a loop that {@link Loop#serve serves} one answers.
     *
     * @param address an IP address with a port; the wildcard, of either family, takes both families
     * @param sockets how many loops will serve, each its own
     * @param isShared whether another process of ours may still have sockets there, whose place this one takes: until it closes them
     *     the kernel spreads packets among both processes
     * @throws BindRefused if the address cannot be bound
     */
    public List<DatagramSocket> bindDatagrams(InetSocketAddress address, int sockets, boolean isShared)
            throws BindRefused {
        List<DatagramSocket> bound = new ArrayList<>(sockets);
        try {
            Quic.ensureAvailability();
            if (!isShared && !datagramsHeld.contains(address)) {
                // What another process has cannot be bound without sharing.
                system.bindDatagrams(address, false, PACKET_BYTES_MAX).unsafe().closeForcibly();
            }
            for (int i = 0; i < sockets; i++) {
                bound.add(NettyDatagramSocket.bound(
                        system,
                        system.bindDatagrams(address, true, PACKET_BYTES_MAX),
                        address,
                        datagramsHeld,
                        quicServices));
            }
            return bound;
        } catch (IOException | ChannelException | UnsatisfiedLinkError e) {
            bound.forEach(DatagramSocket::close);
            throw datagramsRefused(address, e);
        }
    }

    static BindRefused datagramsRefused(InetSocketAddress address, Throwable why) {
        return new BindRefused(
                "UDP " + address.getAddress().getHostAddress() + " port " + address.getPort()
                        + ", for HTTP/3, cannot be bound: " + describe(why),
                why);
    }

    /**
     * Makes UDP sockets that another process has handed over this process's own, and adds new ones where more are wanted, which join
     * them when they are served.
     *
     * @param address where they are bound
     * @param descriptors of bound sockets; this transport's from here on, also if they are refused
     * @param sockets how many are wanted; at least all that were handed over are given back
     * @throws BindRefused if there is no library for QUIC here, or no descriptor
     */
    public List<DatagramSocket> adoptDatagrams(InetSocketAddress address, List<Integer> descriptors, int sockets)
            throws BindRefused {
        List<DatagramSocket> adopted = new ArrayList<>();
        try {
            for (int descriptor : descriptors) {
                adopted.add(NettyDatagramSocket.bound(
                        system,
                        system.overDatagrams(descriptor, PACKET_BYTES_MAX),
                        address,
                        datagramsHeld,
                        quicServices));
            }
            Quic.ensureAvailability();
            while (adopted.size() < sockets) {
                adopted.add(NettyDatagramSocket.later(
                        system, SystemInterface.newDatagrams(true), address, datagramsHeld, quicServices));
            }
            return adopted;
        } catch (IOException | ChannelException | UnsatisfiedLinkError | UnsupportedOperationException e) {
            adopted.forEach(DatagramSocket::close);
            throw datagramsRefused(address, e);
        }
    }

    /** How another process that reads this one's UDP sockets reaches the connections that stay here. Waits for loops. */
    public List<PacketWay> packetWays() {
        return quicServices.ways();
    }

    /** Reads UDP sockets no more, since another process is about to; what comes waits in them. Waits for loops. */
    public void leavePackets() {
        quicServices.leave();
    }

    /** Reads them again soon: nobody else does. */
    public void keepPackets() {
        quicServices.keep();
    }

    /** Whether its listening sockets can be handed to another process, and taken from one. */
    public boolean handsOver() {
        return system.hasUnixSockets();
    }

    /** Another process serves the addresses of this one from now on: closing the sockets here leaves the files of unix addresses. */
    public void handedOver() {
        held.handedOver();
    }

    /** The native memory of all loops. */
    public TransportMemory memory() {
        long reserved = 0;
        long used = 0;
        for (NettyLoop loop : loops) {
            PooledByteBufAllocatorMetric metric = loop.allocator().metric();
            reserved += metric.usedDirectMemory();
            used += loop.allocator().pinnedDirectMemory();
        }
        return new TransportMemory(reserved, used);
    }

    @Override
    public String toString() {
        return name() + " (" + reason + ")";
    }
}
