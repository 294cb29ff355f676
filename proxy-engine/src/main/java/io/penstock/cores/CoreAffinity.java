package io.penstock.cores;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Asks and tells the kernel on which cores threads of this process run: {@code sched_getaffinity} and
 * {@code sched_setaffinity} of Linux. Needs no right: every process may narrow what it was given. Any thread.
 */
public final class CoreAffinity {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final int MASK_BYTES = CoreList.CORES_MAX / Byte.SIZE;
    private static final FunctionDescriptor SIGNATURE = FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);

    private final MethodHandle getAffinity;
    private final MethodHandle setAffinity;

    private CoreAffinity(MethodHandle getAffinity, MethodHandle setAffinity) {
        this.getAffinity = getAffinity;
        this.setAffinity = setAffinity;
    }

    /**
     * Finds the calls.
     *
     * @throws UnsupportedOperationException if this system has none
     */
    public static CoreAffinity ofThisSystem() {
        return new CoreAffinity(function("sched_getaffinity"), function("sched_setaffinity"));
    }

    // The launcher grants native access.
    @SuppressWarnings("restricted")
    private static MethodHandle function(String name) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find(name)
                .map(address -> linker.downcallHandle(address, SIGNATURE))
                .orElseThrow(() -> new UnsupportedOperationException("this system has no " + name));
    }

    /** Cores that the calling thread may use. */
    public BitSet allowed() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES);
            if (call(getAffinity, 0, mask) < 0) {
                throw new IllegalStateException("the kernel does not say which cores this process may use");
            }
            return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** Has the calling thread run on one core only. @return whether the kernel agreed */
    public boolean runOn(int core) {
        BitSet one = new BitSet();
        one.set(core);
        return set(0, one);
    }

    /**
     * Has every thread that the process has now run on these cores only, and so all that they start. A thread that ends
     * meanwhile is passed over.
     */
    public void confineAll(BitSet cores) {
        Set<Integer> confined = new HashSet<>();
        // A thread that was not confined yet may have started another meanwhile.
        for (List<Integer> found = others(confined); !found.isEmpty(); found = others(confined)) {
            found.forEach(thread -> set(thread, cores));
            confined.addAll(found);
        }
    }

    private static List<Integer> others(Set<Integer> seen) {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.map(task -> Integer.valueOf(task.getFileName().toString()))
                    .filter(thread -> !seen.contains(thread))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean set(int thread, BitSet cores) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES);
            MemorySegment.copy(
                    cores.toByteArray(),
                    0,
                    mask,
                    ValueLayout.JAVA_BYTE,
                    0,
                    (cores.length() + Byte.SIZE - 1) / Byte.SIZE);
            return call(setAffinity, thread, mask) == 0;
        }
    }

    private static int call(MethodHandle function, int thread, MemorySegment mask) {
        try {
            return (int) function.invokeExact(thread, mask.byteSize(), mask);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
