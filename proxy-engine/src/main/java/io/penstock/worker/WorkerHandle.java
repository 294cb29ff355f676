package io.penstock.worker;

import io.penstock.downstream.BalancedAcceptor;
import io.penstock.mark.SharedByWorkers;
import io.penstock.snapshot.ListenerRuntime;
import io.penstock.spi.WorkerId;
import io.penstock.transport.Loop;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;

/** What other threads hold of a worker: they may post commands to it, and nothing else. */
@SharedByWorkers
public final class WorkerHandle {
    private final Loop loop;
    private final WorkerId id;
    // Both entered on the loop only; the loop's queue orders the worker's construction before its first command.
    private final Consumer<WorkerCommand> carryOut;
    private final BalancedAcceptor.Door door;

    WorkerHandle(Loop loop, WorkerId id, Consumer<WorkerCommand> carryOut, BalancedAcceptor.Door door) {
        this.loop = loop;
        this.id = id;
        this.carryOut = carryOut;
        this.door = door;
    }

    /** Which worker it is. */
    public WorkerId id() {
        return id;
    }

    /**
     * Shares out a listener's connections over workers.
     *
     * @param connections how many a worker has now, by index
     */
    public static BalancedAcceptor balanced(
            ListenerRuntime listener, List<WorkerHandle> workers, IntToLongFunction connections) {
        return new BalancedAcceptor(
                listener, workers.stream().map(handle -> handle.door).toList(), connections);
    }

    /** Has the worker carry out a command soon. Any thread; never blocks; commands of one thread keep their order. */
    public void post(WorkerCommand command) {
        loop.post(() -> carryOut.accept(command));
    }
}
