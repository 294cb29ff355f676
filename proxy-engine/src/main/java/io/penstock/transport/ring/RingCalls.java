package io.penstock.transport.ring;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The calls of the system that a ring needs: {@code io_uring_setup}, {@code io_uring_register} and {@code io_uring_enter}(2), which
 * the C library has no names for, and {@code mmap}, {@code munmap} and {@code close}. One thread at a time.
 */
final class RingCalls {
    private static final int EPERM = 1;
    private static final int EINVAL = 22;
    private static final int ENOSYS = 38;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EBUSY = 16;
    static final int ETIME = 62;
    static final int ENOBUFS = 105;
    static final int ECANCELED = 125;

    /** Numbers of calls; since 5.1 the same on all processors. */
    private static final long SETUP = 425;

    private static final long ENTER = 426;
    private static final long REGISTER = 427;

    private static final int READ_WRITE = 3;
    private static final int SHARED = 1;
    private static final int PRIVATE_ANONYMOUS = 0x22;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final long ERROR_AT =
            Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SYSCALL = function(
            "syscall",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));

    private static final MethodHandle MAP = function(
            "mmap",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG));

    private static final MethodHandle UNMAP = function(
            "munmap", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

    private final MemorySegment state = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

    // The launcher grants native access.
    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor signature, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = Linker.Option.captureCallState("errno");
        return LINKER.defaultLookup()
                .find(name)
                .map(address -> LINKER.downcallHandle(address, signature, all))
                .orElseThrow(() -> new UnsupportedOperationException("this system has no " + name));
    }

    /** Makes a ring. @return its descriptor */
    int setup(int entries, long parameters) throws IOException {
        long result = syscall(SETUP, entries, parameters, 0, 0, 0, 0);
        if (result < 0) {
            int error = error();
            throw new IOException(
                    switch (error) {
                        case EPERM ->
                            "io_uring is forbidden here (sysctl kernel.io_uring_disabled, or a sandbox's filter of calls)";
                        case EINVAL -> "the kernel's io_uring is too old; 6.1 or later is wanted";
                        case ENOSYS -> "the kernel has no io_uring; 6.1 or later is wanted";
                        default -> "io_uring_setup failed, error " + error;
                    });
        }
        return (int) result;
    }

    /** Tells a ring of something that lasts. */
    void register(int ring, int what, long argument, int count) throws IOException {
        checked(syscall(REGISTER, ring, what, argument, count, 0, 0), "io_uring_register");
    }

    /** Hands over operations and waits for what became of some. @return how many were taken; an error number, negative */
    int enter(int ring, int operations, int awaited, int flags, long argument, int argumentBytes) {
        long result = syscall(ENTER, ring, operations, awaited, flags, argument, argumentBytes);
        return result < 0 ? -error() : (int) result;
    }

    /** Memory that a ring shares with the kernel. @return its address */
    long map(int ring, long offset, long bytes) throws IOException {
        return map(bytes, SHARED, ring, offset);
    }

    /** Memory of the process's own, in whole pages. @return its address */
    long map(long bytes) throws IOException {
        return map(bytes, PRIVATE_ANONYMOUS, -1, 0);
    }

    private long map(long bytes, int kind, int file, long offset) throws IOException {
        try {
            return checked((long) MAP.invokeExact(state, 0L, bytes, READ_WRITE, kind, file, offset), "mmap");
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    void unmap(long address, long bytes) {
        try {
            long ignored = (long) UNMAP.invokeExact(state, address, bytes);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    void close(int file) {
        try {
            long ignored = (long) CLOSE.invokeExact(state, file);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private long syscall(long number, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private int error() {
        return state.get(ValueLayout.JAVA_INT, ERROR_AT);
    }

    private long checked(long result, String call) throws IOException {
        if (result < 0) {
            throw new IOException(call + " failed, error " + error());
        }
        return result;
    }
}
