package io.penstock.engine;

import io.penstock.transport.InheritedSockets;
import io.penstock.transport.PacketWay;
import io.penstock.transport.Transport;
import java.util.List;
import java.util.Optional;

/**
 * How an engine's place is taken by one in another process: which sockets go over, and who owns the files. Never a worker's;
 * waits for the control thread.
 *
 * <p>The old engine serves throughout. It gives its sockets while it goes on accepting, since both hold the same backlogs; it
 * {@link #leaveFiles leaves} the files and {@link #leavePackets the packets} when the new one is ready, and {@link #keepFiles keeps} them if that one comes to nothing.
 * The new one takes the files and accepts with {@link #admit}.
 */
public final class EngineHandover {
    private final ControlLoop control;
    private final ConfigChanges changes;
    private final Workers workers;
    private final Transport transport;
    private final Optional<QuotaKeeper> quotas;
    private final Optional<InheritedSockets> inherited;

    EngineHandover(
            ControlLoop control,
            ConfigChanges changes,
            Workers workers,
            Transport transport,
            Optional<QuotaKeeper> quotas,
            Optional<InheritedSockets> inherited) {
        this.control = control;
        this.changes = changes;
        this.workers = workers;
        this.transport = transport;
        this.quotas = quotas;
        this.inherited = inherited;
    }

    /** Whether sockets can be handed over on this transport. */
    public boolean isPossible() {
        return transport.handsOver();
    }

    /** What each open listener accepts and reads packets from. Good until a listener is closed. */
    public List<ListenerSockets> listenerSockets() {
        return control.call(changes::listenerSockets);
    }

    /** The ways to connections of QUIC that stay with this engine, of which another one gets the packets. */
    public List<ListenerSockets> packetWays() {
        return transport.packetWays().stream()
                .map(way -> new ListenerSockets(PacketWay.LISTENER, way.name(), List.of(way)))
                .toList();
    }

    /** Leaves packets in UDP sockets, for the new engine to read. */
    public void leavePackets() {
        transport.leavePackets();
    }

    /** Reads packets again soon: nobody took its place. */
    public void keepPackets() {
        transport.keepPackets();
    }

    /** Writes what quotas have counted for the last time, and renames no access log any more. */
    public void leaveFiles() {
        quotas.ifPresent(QuotaKeeper::leave);
        control.call(() -> {
            changes.leaveAccessLogs();
            return true;
        });
    }

    /** The files are this engine's again: nobody took its place. */
    public void keepFiles() {
        quotas.ifPresent(QuotaKeeper::keep);
        control.call(() -> {
            changes.keepAccessLogs();
            return true;
        });
    }

    /** Another engine has taken this one's place, and its addresses. */
    public void handedOver() {
        transport.handedOver();
    }

    /** Takes the place: reads what quotas have counted meanwhile, accepts connections, and closes sockets that nobody needs. */
    public void admit() {
        quotas.ifPresent(QuotaKeeper::takeOver);
        workers.admit();
        inherited.ifPresent(InheritedSockets::close);
    }
}
