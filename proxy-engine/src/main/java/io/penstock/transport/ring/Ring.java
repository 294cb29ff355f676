package io.penstock.transport.ring;

import io.penstock.mark.WorkerConfined;
import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One io_uring: operations go into a queue that the kernel reads when it is entered, and what became of them comes by another
 * (io_uring(7)). Made by any thread, used by the one that enables it, since the kernel is promised a single one.
 */
@WorkerConfined
final class Ring {
    /** Operations that are handed over at a time; with more the ring is entered in between. */
    private static final int SUBMISSIONS = 1024;

    /** Completions that wait at a time. What comes beyond waits in the kernel, for a price. */
    private static final int COMPLETIONS = 8192;

    // What io_uring_setup takes: struct io_uring_params.
    private static final int PARAMETER_BYTES = 120;
    private static final int SUBMISSIONS_AT = 0;
    private static final int COMPLETIONS_AT = 4;
    private static final int FLAGS_AT = 8;
    private static final int FEATURES_AT = 20;
    private static final int SUBMISSION_OFFSETS_AT = 40;
    private static final int COMPLETION_OFFSETS_AT = 80;

    // Offsets within struct io_sqring_offsets and io_cqring_offsets.
    private static final int HEAD = 0;
    private static final int TAIL = 4;
    private static final int MASK = 8;
    private static final int STATE = 16;
    private static final int ARRAY = 24;
    private static final int EVENTS = 20;

    private static final int CQSIZE = 1 << 3;
    private static final int CLAMP = 1 << 4;
    private static final int DISABLED = 1 << 6;
    private static final int SUBMIT_ALL = 1 << 7;
    private static final int TASKRUN_FLAG = 1 << 9;
    private static final int SINGLE_ISSUER = 1 << 12;
    private static final int DEFER_TASKRUN = 1 << 13;

    /** Measured: without the promise of a single issuer io_uring costs a quarter more. Linux 6.1 has all of them. */
    private static final int SETUP =
            CQSIZE | CLAMP | DISABLED | SUBMIT_ALL | TASKRUN_FLAG | SINGLE_ISSUER | DEFER_TASKRUN;

    private static final int SINGLE_MAP = 1;
    private static final int NO_IOWAIT_FEATURE = 1 << 17;

    private static final long OPERATIONS_MAP = 0x1000_0000L;

    private static final int ENABLE = 12;
    private static final int REGISTER_BUFFERS = 22;
    private static final int BUFFER_RING_BYTES = 40;

    private static final int GET_EVENTS = 1;
    private static final int EXTENDED_ARGUMENT = 1 << 3;
    private static final int NO_IOWAIT = 1 << 7;

    /** In the state word: completions lie in the kernel, for want of room; work waits for the ring to be entered. */
    private static final int OVERFLOWN_OR_WORK = 1 << 1 | 1 << 2;

    private static final int OVERFLOWN = 1 << 1;

    private static final int OPERATION_BYTES = 64;
    private static final int COMPLETION_BYTES = 16;

    /** {@code struct io_uring_getevents_arg} and behind it the {@code timespec} that it points to. */
    private static final int ARGUMENT_BYTES = 24;

    private static final int ARGUMENT_TIME_AT = 16;
    private static final int TIME_BYTES = 16;
    private static final long NS_PER_S = 1_000_000_000L;

    private final RingCalls calls = new RingCalls();
    private final int descriptor;
    private final int enterFlags;

    private final long sharedAddress;
    private final long sharedBytes;
    private final long operationsAddress;
    private final long operationsBytes;

    private final UnsafeBuffer shared = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer operations = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer argument =
            new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(ARGUMENT_BYTES + TIME_BYTES));

    private final int submissionHead;
    private final int submissionTail;
    private final int submissionState;
    private final int submissionMask;
    private final int completionHead;
    private final int completionTail;
    private final int completionMask;
    private final int completionsAt;

    private int tail;
    private int handedOver;
    private int head;
    private long entries;

    Ring() throws IOException {
        UnsafeBuffer parameters = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(PARAMETER_BYTES));
        parameters.putInt(COMPLETIONS_AT, COMPLETIONS);
        parameters.putInt(FLAGS_AT, SETUP);
        descriptor = calls.setup(SUBMISSIONS, parameters.addressOffset());
        long mapped = 0;
        long mappedBytes = 0;
        try {
            int features = parameters.getInt(FEATURES_AT);
            if ((features & SINGLE_MAP) == 0) {
                throw new IOException("the kernel maps a ring in two parts; one of 5.4 or later is wanted");
            }
            enterFlags = GET_EVENTS | EXTENDED_ARGUMENT | ((features & NO_IOWAIT_FEATURE) == 0 ? 0 : NO_IOWAIT);

            int submissions = parameters.getInt(SUBMISSIONS_AT);
            int arrayAt = parameters.getInt(SUBMISSION_OFFSETS_AT + ARRAY);
            completionsAt = parameters.getInt(COMPLETION_OFFSETS_AT + EVENTS);
            sharedBytes = Math.max(
                    arrayAt + (long) submissions * Integer.BYTES,
                    completionsAt + (long) parameters.getInt(COMPLETIONS_AT) * COMPLETION_BYTES);
            sharedAddress = calls.map(descriptor, 0, sharedBytes);
            mapped = sharedAddress;
            mappedBytes = sharedBytes;
            shared.wrap(sharedAddress, (int) sharedBytes);
            operationsBytes = (long) submissions * OPERATION_BYTES;
            operationsAddress = calls.map(descriptor, OPERATIONS_MAP, operationsBytes);
            operations.wrap(operationsAddress, (int) operationsBytes);

            submissionHead = parameters.getInt(SUBMISSION_OFFSETS_AT + HEAD);
            submissionTail = parameters.getInt(SUBMISSION_OFFSETS_AT + TAIL);
            submissionState = parameters.getInt(SUBMISSION_OFFSETS_AT + STATE);
            submissionMask = shared.getInt(parameters.getInt(SUBMISSION_OFFSETS_AT + MASK));
            completionHead = parameters.getInt(COMPLETION_OFFSETS_AT + HEAD);
            completionTail = parameters.getInt(COMPLETION_OFFSETS_AT + TAIL);
            completionMask = shared.getInt(parameters.getInt(COMPLETION_OFFSETS_AT + MASK));
            for (int i = 0; i < submissions; i++) {
                shared.putInt(arrayAt + i * Integer.BYTES, i);
            }
            argument.putLong(ARGUMENT_TIME_AT, 0);
        } catch (IOException e) {
            if (mapped != 0) {
                calls.unmap(mapped, mappedBytes);
            }
            calls.close(descriptor);
            throw e;
        }
    }

    /** The calling thread is the one that uses it from here on. */
    void enable() throws IOException {
        calls.register(descriptor, ENABLE, 0, 0);
    }

    RingCalls calls() {
        return calls;
    }

    /** Names memory in which the kernel finds buffers to receive into. */
    void registerBuffers(long address, int count, int group) throws IOException {
        UnsafeBuffer description = new UnsafeBuffer(java.nio.ByteBuffer.allocateDirect(BUFFER_RING_BYTES));
        description.putLong(0, address);
        description.putInt(8, count);
        description.putShort(12, (short) group);
        calls.register(descriptor, REGISTER_BUFFERS, description.addressOffset(), 1);
    }

    // ---- operations ----

    /** Queues an operation; the fields are those of {@code struct io_uring_sqe}. */
    void add(
            int opcode,
            int flags,
            int priority,
            int file,
            long address,
            int length,
            int operationFlags,
            int bufferGroup,
            long userData) {
        if (tail - handedOver > submissionMask) {
            enter(0, 0);
            if (tail - handedOver > submissionMask) {
                throw new IllegalStateException("the kernel takes no operations");
            }
        }
        UnsafeBuffer memory = operations;
        int at = (tail & submissionMask) * OPERATION_BYTES;
        memory.putInt(at, opcode | flags << 8 | priority << 16);
        memory.putInt(at + 4, file);
        memory.putLong(at + 8, 0);
        memory.putLong(at + 16, address);
        memory.putInt(at + 24, length);
        memory.putInt(at + 28, operationFlags);
        memory.putLong(at + 32, userData);
        memory.putLong(at + 40, bufferGroup);
        memory.putLong(at + 48, 0);
        memory.putLong(at + 56, 0);
        tail++;
    }

    /** Whether operations are queued that the kernel has not taken. */
    boolean hasQueued() {
        return tail != handedOver;
    }

    /** How often the kernel has taken operations: those queued before a change of it are with the kernel. */
    long entries() {
        return entries;
    }

    /** Whether entering would do something. */
    boolean needsEntering() {
        return hasQueued() || (shared.getIntVolatile(submissionState) & OVERFLOWN_OR_WORK) != 0;
    }

    /** Whether completions wait in the kernel since there was no room for them. */
    boolean isOverflown() {
        return (shared.getIntVolatile(submissionState) & OVERFLOWN) != 0;
    }

    /**
     * Hands over what is queued, has the kernel do what waits, and waits for completions.
     *
     * @param awaited how many, 0 for none
     * @param timeoutNs how long at most, negative for ever
     */
    void enter(int awaited, long timeoutNs) {
        int queued = tail - handedOver;
        shared.putIntRelease(submissionTail, tail);
        long timeAt = 0;
        if (awaited > 0 && timeoutNs >= 0) {
            argument.putLong(ARGUMENT_BYTES, timeoutNs / NS_PER_S);
            argument.putLong(ARGUMENT_BYTES + Long.BYTES, timeoutNs % NS_PER_S);
            timeAt = argument.addressOffset() + ARGUMENT_BYTES;
        }
        argument.putLong(ARGUMENT_TIME_AT, timeAt);
        int result = calls.enter(descriptor, queued, awaited, enterFlags, argument.addressOffset(), ARGUMENT_BYTES);
        int taken = shared.getIntVolatile(submissionHead);
        if (taken != handedOver) {
            handedOver = taken;
            entries++;
        }
        if (result < 0
                && result != -RingCalls.ETIME
                && result != -RingCalls.EINTR
                && result != -RingCalls.EAGAIN
                && result != -RingCalls.EBUSY) {
            throw new IllegalStateException("io_uring_enter failed, error " + -result);
        }
    }

    // ---- completions ----

    boolean hasCompletions() {
        return head != shared.getIntVolatile(completionTail);
    }

    int completions() {
        return shared.getIntVolatile(completionTail) - head;
    }

    long userData() {
        return shared.getLong(completion());
    }

    int result() {
        return shared.getInt(completion() + 8);
    }

    int flags() {
        return shared.getInt(completion() + 12);
    }

    private int completion() {
        return completionsAt + (head & completionMask) * COMPLETION_BYTES;
    }

    /** Gives the first completion's place back. */
    void next() {
        head++;
        shared.putIntRelease(completionHead, head);
    }

    void close() {
        calls.close(descriptor);
        calls.unmap(operationsAddress, operationsBytes);
        calls.unmap(sharedAddress, sharedBytes);
    }
}
