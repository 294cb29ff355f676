package io.penstock.downstream;

import io.penstock.mark.WorkerConfined;
import io.penstock.snapshot.DenseTable;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Acceptance;
import io.penstock.transport.Acceptor;
import io.penstock.transport.BoundSocket;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.DatagramSocket;
import io.penstock.transport.Loop;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** All listeners of one worker. */
@WorkerConfined
public final class Listeners {
    private final DownstreamContext context;
    private final List<ListenerSlot> slots = new ArrayList<>();
    private final BitSet closed = new BitSet();
    private Runnable drained = () -> {};
    private boolean isDraining;
    private boolean holdsBack;

    /** No listeners at first. */
    public Listeners(DownstreamContext context) {
        this.context = context;
    }

    /** Leaves what comes in the backlogs until {@link #admit}. Before any listener is opened. */
    public void holdBack() {
        holdsBack = true;
    }

    /** Accepts what comes from now on. */
    public void admit() {
        holdsBack = false;
        slots.forEach(ListenerSlot::admit);
    }

    /** The way in for connections that another worker accepted for this one. */
    public BalancedAcceptor.Door door() {
        return new BalancedAcceptor.Door() {
            @Override
            public Loop loop() {
                return context.loop();
            }

            @Override
            public ChannelHandler accept(ListenerRuntime listener, Channel channel) {
                ListenerSlot slot = slotFor(listener);
                ChannelHandler handler = slot.accept(channel);
                if (closed.get(listener.id())) {
                    // Handed over by a worker that had not closed the listener yet, to one that had: nothing else would
                    // ever close this slot.
                    context.loop().post(() -> slot.close(() -> {}));
                }
                return handler;
            }
        };
    }

    /** Takes over what has changed about the listeners that stay. */
    public void adopt(DenseTable<ListenerRuntime> current) {
        for (ListenerSlot slot : slots) {
            ListenerRuntime next = current.get(slot.current().id());
            if (next != null && !slot.isClosed()) {
                slot.replace(next);
            }
        }
    }

    /**
     * Opens a listener.
     *
     * @param sockets the worker's own; none where another worker accepts and hands connections over
     * @param balanced who shares the connections out; absent where each worker keeps what it accepts
     * @param datagrams where this worker answers to QUIC; none where the listener does not
     */
    public void open(
            ListenerRuntime listener,
            List<BoundSocket> sockets,
            Optional<BalancedAcceptor> balanced,
            List<DatagramSocket> datagrams) {
        closed.clear(listener.id());
        ListenerSlot slot = slotFor(listener);
        for (BoundSocket socket : sockets) {
            Acceptor acceptor = balanced.isPresent() ? balanced.get() : new OwnAcceptor(slot);
            Acceptance acceptance = context.loop().accept(socket, acceptor);
            acceptance.pause(holdsBack);
            slot.accepting(acceptance);
        }
        slot.serves(datagrams);
        if (!holdsBack) {
            slot.serveNow();
        }
    }

    /** The listener's slot, made where a connection is handed over before this worker has adopted the revision. */
    ListenerSlot slotFor(ListenerRuntime listener) {
        for (ListenerSlot slot : slots) {
            if (slot.current().id() == listener.id() && !slot.isClosed()) {
                return slot;
            }
        }
        ListenerSlot slot = new ListenerSlot(context, listener, this::slotEmptied);
        slots.add(slot);
        return slot;
    }

    /** Closes a listener: its backlog is accepted first, and every connection ends after its present response. */
    public void close(int listenerId, Runnable socketClosed) {
        closed.set(listenerId);
        for (ListenerSlot slot : slots) {
            if (slot.current().id() == listenerId && !slot.isClosed()) {
                slot.close(socketClosed);
                return;
            }
        }
        socketClosed.run();
    }

    /**
     * Stops accepting and ends every connection after its present response; {@code done} runs when none is left.
     *
     * @param idleMaxNs how long a connection without a request waits for one more
     */
    public void drain(long idleMaxNs, Runnable done) {
        isDraining = true;
        drained = done;
        context.drain(idleMaxNs);
        for (ListenerSlot slot : List.copyOf(slots)) {
            if (!slot.isClosed()) {
                slot.close(this::tellIfDrained);
            }
        }
        tellIfDrained();
    }

    /** Cuts every connection. */
    public void abort() {
        for (ListenerSlot slot : List.copyOf(slots)) {
            slot.abort();
        }
    }

    /** How many connections are open. */
    public int connections() {
        int connections = 0;
        for (ListenerSlot slot : slots) {
            connections += slot.connections();
        }
        return connections;
    }

    private void slotEmptied(ListenerSlot slot) {
        // One whose backlog is still being taken may get connections yet: it is left when its socket is closed.
        if (slot.isClosed() && !slot.isAccepting()) {
            slots.remove(slot);
        }
        tellIfDrained();
    }

    private void tellIfDrained() {
        // What still waits in a backlog comes too.
        if (isDraining && connections() == 0 && slots.stream().noneMatch(ListenerSlot::isAccepting)) {
            Runnable tell = drained;
            drained = () -> {};
            tell.run();
        }
    }

    private record OwnAcceptor(ListenerSlot slot) implements Acceptor {
        @Override
        public Loop owner() {
            return slot.loop();
        }

        @Override
        public ChannelHandler accepted(Channel channel) {
            return slot.accept(channel);
        }

        @Override
        public void exhausted() {
            slot.exhausted();
        }
    }
}
