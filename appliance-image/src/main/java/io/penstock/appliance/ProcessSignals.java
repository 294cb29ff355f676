package io.penstock.appliance;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The signals that this process gets.
 *
 * <p>By {@code sun.misc.Signal}, as the JDK has nothing else that tells a second signal from the first: its shutdown hooks
 * run once and cannot be hurried. By reflection, as the compiler warns of that class in a way that cannot be silenced.
 */
final class ProcessSignals {
    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";

    private ProcessSignals() {}

    /** From now on does this for a signal, each time on a thread of its own, in place of what the JVM would do. */
    static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName(SIGNAL);
            Class<?> handler = Class.forName(HANDLER);
            MethodHandle run = MethodHandles.lookup()
                    .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo(action);
            Object calls =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), calls);
        } catch (ReflectiveOperationException absent) {
            throw new IllegalStateException("this Java has no " + SIGNAL + " (module jdk.unsupported)", absent);
        }
    }
}
