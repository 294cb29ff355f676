package io.penstock.transport;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Two unix datagram sockets that know each other (socketpair(2)): what is written to one end, by however many threads of whichever
 * process, is read at the other packet by packet. What is on its way is bounded by the writer's send buffer, and by nothing else.
 *
 * @param in where packets come out
 * @param out where they go in
 */
record PacketPipe(Socket in, Socket out) {
    private static final int UNIX = 1;

    /** SOCK_DGRAM, SOCK_NONBLOCK and SOCK_CLOEXEC, which are the same on x86-64 and arm64. */
    private static final int KIND = 2 | 0x800 | 0x80000;

    /** Some hundred packets, as far as the system lets it. */
    private static final int BUFFER_BYTES = 512 * 1024;

    // The launcher grants native access. Linked at a restart only.
    @SuppressWarnings("restricted")
    static PacketPipe open() throws IOException {
        Linker linker = Linker.nativeLinker();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
            int result = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("socketpair"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS))
                    .invokeExact(UNIX, KIND, 0, pair);
            if (result != 0) {
                throw new IOException("no pair of unix sockets, most likely for want of descriptors");
            }
            PacketPipe made = new PacketPipe(
                    new Socket(pair.getAtIndex(ValueLayout.JAVA_INT, 0)),
                    new Socket(pair.getAtIndex(ValueLayout.JAVA_INT, 1)));
            made.out.setSendBufferSize(BUFFER_BYTES);
            return made;
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    void close() throws IOException {
        try {
            in.close();
        } finally {
            out.close();
        }
    }
}
