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
 * the C library has no names for, and {@code mmap}, {@code munmap} and {@code close}; on x86-64 and arm64. One thread at a time.
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

    /** Numbers of older calls, which differ. */
    private static final boolean IS_ARM = isArm();

    private static final long MAP = IS_ARM ? 222 : 9;
    private static final long UNMAP = IS_ARM ? 215 : 11;
    private static final long CLOSE = IS_ARM ? 57 : 3;

    private static final int READ_WRITE = 3;
    private static final int SHARED = 1;
    private static final int PRIVATE_ANONYMOUS = 0x22;

    private static final long ERROR_AT =
            Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    /** The only function, since linking one takes tens of milliseconds of the start. */
    private static final MethodHandle SYSCALL = function();

    private final MemorySegment state = Arena.ofAuto().allocate(Linker.Option.captureStateLayout());

    // The launcher grants native access.
    @SuppressWarnings("restricted")
    private static MethodHandle function() {
        FunctionDescriptor signature = FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("syscall")
                .map(address -> linker.downcallHandle(
                        address, signature, Linker.Option.firstVariadicArg(1), Linker.Option.captureCallState("errno")))
                .orElseThrow(() -> new UnsupportedOperationException("this system has no function syscall"));
    }

    private static boolean isArm() {
        String processor = System.getProperty("os.arch");
        if (processor.equals("aarch64")) {
            return true;
        }
        if (processor.equals("amd64")) {
            return false;
        }
        throw new UnsupportedOperationException("the numbers of calls on " + processor + " are not known");
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
                        case ENOSYS -> "the kernel (6.1 or later is wanted) has no io_uring, or a sandbox hides it";
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
        return checked(syscall(MAP, 0, bytes, READ_WRITE, kind, file, offset), "mmap");
    }

    void unmap(long address, long bytes) {
        syscall(UNMAP, address, bytes, 0, 0, 0, 0);
    }

    void close(int file) {
        syscall(CLOSE, file, 0, 0, 0, 0, 0);
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
