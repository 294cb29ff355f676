package io.penstock.downstream;

import io.penstock.mark.SharedByWorkers;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.transport.Acceptor;
import io.penstock.transport.Channel;
import io.penstock.transport.ChannelHandler;
import io.penstock.transport.Loop;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * Accepts on one worker and hands each connection to the worker with the fewest: for few connections that live long,
 * which the kernel's hash would share out unevenly.
 *
 * <p>Immutable. {@link #owner} is asked on the accepting worker, {@link #accepted} on the owning one, which then enters
 * its own {@link Listeners} only.
 */
@SharedByWorkers
public final class BalancedAcceptor implements Acceptor {
    private final ListenerRuntime listener;
    private final List<Loop> loops;
    private final List<Door> doors;
    private final IntToLongFunction connections;

    /**
     * Shares out a listener's connections.
     *
     * @param workers the way into each worker's listeners, by worker index
     * @param connections how many connections a worker has now, by worker index; any thread
     */
    public BalancedAcceptor(ListenerRuntime listener, List<Door> workers, IntToLongFunction connections) {
        this.listener = listener;
        this.doors = List.copyOf(workers);
        this.loops = workers.stream().map(Door::loop).toList();
        this.connections = connections;
    }

    @Override
    public Loop owner() {
        int least = 0;
        long fewest = Long.MAX_VALUE;
        for (int worker = 0; worker < loops.size(); worker++) {
            long open = connections.applyAsLong(worker);
            if (open < fewest) {
                fewest = open;
                least = worker;
            }
        }
        return loops.get(least);
    }

    @Override
    public ChannelHandler accepted(Channel channel) {
        return doors.get(loops.indexOf(channel.loop())).accept(listener, channel);
    }

    /** The way into one worker's listeners, taken on that worker only. */
    public interface Door {
        /** The loop of the worker. Any thread. */
        Loop loop();

        /** The handler of a connection of a listener that was accepted elsewhere. */
        ChannelHandler accept(ListenerRuntime listener, Channel channel);
    }
}
