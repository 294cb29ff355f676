package io.penstock.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
final class ChannelTest {
    private static final int MIB = 1024 * 1024;

    private final TransportChoice choice;
    private Rig rig;

    ChannelTest(TransportChoice choice) {
        this.choice = choice;
    }

    @BeforeEach
    void open() {
        rig = new Rig(choice);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static byte[] noise(int count) {
        byte[] bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    /** Sends back what comes, by reference. */
    private static Recorder echo() {
        return new Recorder() {
            @Override
            void whenReceived(Channel channel, Received received) {
                channel.send(received, received.offset(), received.length());
            }

            @Override
            void whenEnded(Channel channel) {
                channel.finish();
            }
        };
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void sendsBackWhatItReceives() throws Exception {
        Rig.Listening listening = rig.listen(ChannelTest::echo);

        Socket peer = rig.dial(listening.address);
        write(peer, "ping".getBytes(US_ASCII));

        assertThat(peer.getInputStream().readNBytes(4)).isEqualTo("ping".getBytes(US_ASCII));
    }

    @Test
    void sendsBackMegabytesUnchanged() throws Exception {
        Rig.Listening listening = rig.listen(ChannelTest::echo);
        byte[] bytes = noise(8 * MIB);

        Socket peer = rig.dial(listening.address);
        Thread writer = Thread.ofPlatform().start(() -> {
            write(peer, bytes);
            try {
                peer.shutdownOutput();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });

        assertThat(Arrays.equals(peer.getInputStream().readAllBytes(), bytes)).isTrue();
        writer.join();
    }

    @Test
    void servesMoreAtOnceThanItHasBuffersFor() throws Exception {
        int count = 300;
        Rig.Listening listening = rig.listen(ChannelTest::echo);
        List<Socket> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(rig.dial(listening.address));
            listening.next();
        }

        CountDownLatch written = new CountDownLatch(1);
        rig.loop.post(() -> {
            try {
                written.await(Rig.TIMEOUT_S, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        for (Socket peer : peers) {
            write(peer, "hello".getBytes(US_ASCII));
        }
        written.countDown();

        for (Socket peer : peers) {
            assertThat(new String(peer.getInputStream().readNBytes(5), US_ASCII))
                    .isEqualTo("hello");
        }
    }

    @Test
    void knowsBothAddresses() throws Exception {
        Rig.Listening listening = rig.listen(Recorder::new);

        Socket peer = rig.dial(listening.address);
        Channel channel = listening.next();

        assertThat(channel.localAddress()).isEqualTo(listening.address);
        assertThat(channel.remoteAddress()).isEqualTo(peer.getLocalSocketAddress());
    }

    @Test
    void outputOfOneTurnArrivesInItsOrder() throws Exception {
        byte[] large = noise(NettyOutput.SEND_BY_REFERENCE_BYTES);
        Recorder handler = new Recorder() {
            @Override
            void whenReceived(Channel channel, Received received) {
                channel.send("head ".getBytes(US_ASCII), 0, 5);
                channel.send(received, received.offset(), received.length());
                UnsafeBuffer buffer = new UnsafeBuffer("-tail".getBytes(US_ASCII));
                channel.send(buffer, 1, 4);
            }
        };
        Rig.Listening listening = rig.listen(() -> handler);

        Socket peer = rig.dial(listening.address);
        listening.next();
        write(peer, Arrays.copyOf(large, 3));
        byte[] small = peer.getInputStream().readNBytes(5 + 3 + 4);

        assertThat(small).startsWith("head ".getBytes(US_ASCII)).endsWith("tail".getBytes(US_ASCII));
    }

    @Nested
    class WhenBytesAreNotWanted {
        @Test
        void newChannelsDoNotReceive() throws Exception {
            Recorder handler = new Recorder(false);
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();
            write(peer, "early".getBytes(US_ASCII));
            Rig.turns(rig.loop, 3);

            assertThat(handler.count()).isZero();
            Rig.run(rig.loop, () -> channel.receive(true));
            await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("early"));
        }

        @Test
        void theRestOfBytesTakenPartlyComesAgainFirst() throws Exception {
            Recorder handler = new Recorder();
            handler.appetite = 3;
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();
            write(peer, "abcdefgh".getBytes(US_ASCII));
            await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("abc"));
            write(peer, "ijk".getBytes(US_ASCII));
            Rig.turns(rig.loop, 3);

            assertThat(handler.text()).isEqualTo("abc");
            Rig.run(rig.loop, () -> channel.receive(true));
            await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("abcdef"));
            Rig.run(rig.loop, () -> handler.appetite = 100);
            Rig.run(rig.loop, () -> channel.receive(true));
            await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("abcdefghijk"));
        }

        @Test
        void thePeerMeetsBackPressure() throws Exception {
            Recorder handler = new Recorder(false);
            Rig.Listening listening = rig.listen(() -> handler);
            byte[] bytes = noise(32 * MIB);
            long before = rig.transport.memory().usedBytes();

            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();
            Thread writer = Thread.ofPlatform().start(() -> write(peer, bytes));
            await().pollDelay(200, TimeUnit.MILLISECONDS).until(() -> true);

            assertThat(writer.isAlive()).isTrue();
            assertThat(rig.transport.memory().usedBytes() - before).isLessThan(3 * MIB / 2);
            Rig.run(rig.loop, () -> channel.receive(true));
            await().atMost(30, TimeUnit.SECONDS).until(() -> handler.count() == bytes.length);
            assertThat(Arrays.equals(handler.bytes(), bytes)).isTrue();
        }

        @Test
        void manyChannelsKeepLittleOfIt() throws Exception {
            int count = 40;
            Rig.Listening listening = rig.listen(() -> {
                Recorder handler = new Recorder(false);
                handler.appetite = 0;
                return handler;
            });
            List<Channel> channels = new ArrayList<>();
            List<Thread> writers = new ArrayList<>();
            byte[] bytes = noise(MIB);
            for (int i = 0; i < count; i++) {
                Socket peer = rig.dial(listening.address);
                peer.setSendBufferSize(2 * MIB);
                channels.add(listening.next());
                writers.add(Thread.ofPlatform().start(() -> write(peer, bytes)));
            }
            for (Thread writer : writers) {
                writer.join();
            }
            long before = rig.transport.memory().usedBytes();

            Rig.run(rig.loop, () -> channels.forEach(channel -> channel.receive(true)));
            await().pollDelay(300, TimeUnit.MILLISECONDS).until(() -> true);

            assertThat(rig.transport.memory().usedBytes() - before).isLessThan(count * 140_000L);
        }

        @Test
        void thePeersEndDoesNotMakeItReceiveEverything() throws Exception {
            Recorder handler = new Recorder(false);
            Rig.Listening listening = rig.listen(() -> handler);
            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();
            long before = rig.transport.memory().usedBytes();

            byte[] bytes = noise(2 * MIB);
            peer.setSendBufferSize(4 * MIB);
            Thread writer = Thread.ofPlatform().start(() -> {
                write(peer, bytes);
                try {
                    peer.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            writer.join(2000);
            await().pollDelay(200, TimeUnit.MILLISECONDS).until(() -> true);

            assertThat(rig.transport.memory().usedBytes() - before).isLessThan(3 * MIB / 2);
            assertThat(handler.isEnded()).isFalse();
            Rig.run(rig.loop, () -> channel.receive(true));
            handler.awaitEnd();
            assertThat(Arrays.equals(handler.bytes(), bytes)).isTrue();
        }

        @Test
        void endOfInputComesAfterTheLastByteWasTaken() throws Exception {
            Recorder handler = new Recorder();
            handler.appetite = 1;
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();
            write(peer, "ab".getBytes(US_ASCII));
            peer.shutdownOutput();
            await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("a"));
            Rig.turns(rig.loop, 5);

            assertThat(handler.isEnded()).isFalse();
            Rig.run(rig.loop, () -> channel.receive(true));
            handler.awaitEnd();
            assertThat(handler.text()).isEqualTo("ab");
        }
    }

    @Nested
    class WhenOutputWaits {
        private final byte[] bytes = noise(16 * MIB);

        @Test
        void saysWhenItMayBeSentToAgain() throws Exception {
            Recorder handler = new Recorder();
            Rig.Listening listening = rig.listen(() -> handler);
            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();

            boolean wasSendable = Rig.on(rig.loop, () -> {
                channel.send(bytes, 0, bytes.length);
                return channel.isSendable();
            });
            Rig.turns(rig.loop, 5);
            int pending = Rig.on(rig.loop, channel::pendingBytes);

            assertThat(wasSendable).isFalse();
            assertThat(pending).isPositive().isLessThanOrEqualTo(bytes.length);
            assertThat(peer.getInputStream().readNBytes(bytes.length)).hasSize(bytes.length);
            handler.awaitSendable();
            assertThat(Rig.on(rig.loop, channel::isSendable)).isTrue();
            await().until(() -> Rig.on(rig.loop, channel::pendingBytes) == 0);
        }

        @Test
        void nothingOfItIsLostWhereThePeerHasLittleRoom() throws Exception {
            Recorder handler = new Recorder() {
                private int sent;

                @Override
                void whenReceived(Channel channel, Received received) {
                    whenSendable(channel);
                }

                @Override
                void whenSendable(Channel channel) {
                    while (sent < bytes.length && channel.isSendable()) {
                        int length = Math.min(10_000, bytes.length - sent);
                        channel.send(bytes, sent, length);
                        sent += length;
                    }
                    if (sent == bytes.length) {
                        channel.close();
                    }
                }
            };
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address, 16 * 1024);
            write(peer, new byte[1]);

            assertThat(Arrays.equals(peer.getInputStream().readAllBytes(), bytes))
                    .isTrue();
        }

        @Test
        void closeSendsItFirst() throws Exception {
            Recorder handler = new Recorder();
            Rig.Listening listening = rig.listen(() -> handler);
            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();

            Rig.run(rig.loop, () -> {
                channel.send(bytes, 0, bytes.length);
                channel.close();
                channel.send(bytes, 0, bytes.length);
            });

            assertThat(Rig.on(rig.loop, channel::isOpen)).isFalse();
            assertThat(Arrays.equals(peer.getInputStream().readAllBytes(), bytes))
                    .isTrue();
            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
        }

        @Test
        void finishSendsItFirstAndGoesOnReceiving() throws Exception {
            Recorder handler = new Recorder();
            Rig.Listening listening = rig.listen(() -> handler);
            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();

            Rig.run(rig.loop, () -> {
                channel.send(bytes, 0, bytes.length);
                channel.finish();
            });

            assertThat(Arrays.equals(peer.getInputStream().readAllBytes(), bytes))
                    .isTrue();
            write(peer, "still here".getBytes(US_ASCII));
            await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("still here"));
            peer.shutdownOutput();
            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.FINISHED);
        }

        @Test
        void abortDropsItAndResets() throws Exception {
            Recorder handler = new Recorder();
            Rig.Listening listening = rig.listen(() -> handler);
            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();

            Rig.run(rig.loop, () -> channel.send(bytes, 0, bytes.length));
            Rig.run(rig.loop, channel::abort);

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
            InputStream input = peer.getInputStream();
            assertThatThrownBy(input::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Nested
    class WhenItEnds {
        @Test
        void sendingGoesOnAfterThePeersEnd() throws Exception {
            Recorder handler = new Recorder() {
                @Override
                void whenEnded(Channel channel) {
                    channel.send("bye".getBytes(US_ASCII), 0, 3);
                    channel.finish();
                }
            };
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            peer.shutdownOutput();

            assertThat(peer.getInputStream().readAllBytes()).isEqualTo("bye".getBytes(US_ASCII));
            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.FINISHED);
        }

        @Test
        void aResetIsTold() throws Exception {
            Recorder handler = new Recorder();
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            listening.next();
            peer.setSoLinger(true, 0);
            peer.close();

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.RESET);
        }

        @Test
        void aResetIsToldToOneThatSends() throws Exception {
            Recorder handler = new Recorder(false);
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            Channel channel = listening.next();
            peer.setSoLinger(true, 0);
            peer.close();
            byte[] bytes = noise(MIB);
            for (int i = 0; i < 20; i++) {
                Rig.run(rig.loop, () -> channel.send(bytes, 0, bytes.length));
            }

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.RESET);
        }

        @Test
        void itMayBeAbortedInsideACall() throws Exception {
            Recorder handler = new Recorder() {
                @Override
                void whenReceived(Channel channel, Received received) {
                    channel.send(received, received.offset(), received.length());
                    channel.abort();
                    channel.send(received, received.offset(), received.length());
                }
            };
            Rig.Listening listening = rig.listen(() -> handler);

            Socket peer = rig.dial(listening.address);
            write(peer, noise(100_000));

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
        }

        @Test
        void aHandlerThatFailsLosesItsChannelOnly() throws Exception {
            Recorder failing = new Recorder() {
                @Override
                void whenReceived(Channel channel, Received received) {
                    throw new IllegalStateException("a fault of this test");
                }
            };
            List<Recorder> handlers = new ArrayList<>(List.of(failing, echo()));
            Rig.Listening listening = rig.listen(handlers::removeFirst);

            Socket first = rig.dial(listening.address);
            Socket second = rig.dial(listening.address);
            write(first, "x".getBytes(US_ASCII));
            write(second, "y".getBytes(US_ASCII));

            assertThat(failing.awaitClosed()).isEqualTo(CloseCause.OURS);
            assertThat(second.getInputStream().readNBytes(1)).isEqualTo("y".getBytes(US_ASCII));
        }

        @Test
        void aStoppedLoopClosesItsChannels() throws Exception {
            Recorder handler = new Recorder();
            Rig.Listening listening = rig.listen(() -> handler);
            rig.dial(listening.address);
            listening.next();
            handler.awaitOpened();

            rig.loop.close();

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
        }
    }

    @Nested
    class WhenConnecting {
        private Channel connect(InetSocketAddress address, long timeoutMs, ChannelHandler handler) {
            return Rig.on(rig.loop, () -> rig.loop.connect(address, TimeUnit.MILLISECONDS.toNanos(timeoutMs), handler));
        }

        @Test
        void itTalksToTheOtherEnd() throws Exception {
            Recorder handler = new Recorder() {
                @Override
                void whenOpened(Channel channel) {
                    channel.send("hello".getBytes(US_ASCII), 0, 5);
                }
            };
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                connect((InetSocketAddress) server.getLocalSocketAddress(), 5000, handler);
                Socket peer = server.accept();

                assertThat(peer.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
                peer.getOutputStream().write("world".getBytes(US_ASCII));
                await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("world"));
                peer.close();
                handler.awaitEnd();
            }
        }

        /** Where the interface connects at once, all of it has happened before the loop hears of any. */
        @Test
        void hearsOfOneThatSpeaksAndEndsAtOnce() throws Exception {
            Recorder handler = new Recorder();
            CountDownLatch isOver = new CountDownLatch(1);
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Thread.ofVirtual().start(() -> {
                    try (Socket peer = server.accept()) {
                        peer.getOutputStream().write("welcome".getBytes(US_ASCII));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    isOver.countDown();
                });
                Rig.run(rig.loop, () -> {
                    rig.loop.connect(server.getLocalSocketAddress(), 5_000_000_000L, handler);
                    try {
                        isOver.await(300, TimeUnit.MILLISECONDS);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });

                handler.awaitEnd();
                assertThat(handler.text()).isEqualTo("welcome");
            }
        }

        @Test
        void outputSentBeforeItOpensIsSentThen() throws Exception {
            Recorder handler = new Recorder();
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Rig.run(rig.loop, () -> {
                    Channel channel = rig.loop.connect(server.getLocalSocketAddress(), 5_000_000_000L, handler);
                    channel.send("early".getBytes(US_ASCII), 0, 5);
                    channel.finish();
                });
                Socket peer = server.accept();

                assertThat(peer.getInputStream().readAllBytes()).isEqualTo("early".getBytes(US_ASCII));
                peer.close();
                assertThat(handler.awaitClosed()).isEqualTo(CloseCause.FINISHED);
            }
        }

        @Test
        void aPortWithoutListenerRefuses() throws Exception {
            InetSocketAddress free;
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                free = (InetSocketAddress) server.getLocalSocketAddress();
            }
            Recorder handler = new Recorder();

            connect(free, 5000, handler);

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.CONNECT_REFUSED);
            assertThat(handler.isOpened()).isFalse();
        }

        @Test
        void itGivesUpAfterTheTimeout() throws Exception {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                InetSocketAddress full = fill(server);
                Recorder handler = new Recorder();

                connect(full, 50, handler);

                assertThat(handler.awaitClosed()).isEqualTo(CloseCause.CONNECT_TIMEOUT);
                assertThat(handler.isOpened()).isFalse();
            }
        }

        @Test
        void itMayBeAbortedBeforeItIsOpen() throws Exception {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                InetSocketAddress full = fill(server);
                Recorder handler = new Recorder();

                Channel channel = connect(full, 60_000, handler);
                Rig.run(rig.loop, channel::abort);

                assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
                assertThat(handler.isOpened()).isFalse();
                assertThat(Rig.on(rig.loop, () -> rig.loop.wheel().armedTimers()))
                        .isZero();
            }
        }

        @Test
        void itMayBeAbortedInTheTurnThatBeganIt() throws Exception {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Recorder handler = new Recorder();

                Rig.run(
                        rig.loop,
                        () -> rig.loop
                                .connect(server.getLocalSocketAddress(), 5_000_000_000L, handler)
                                .abort());

                assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
                assertThat(handler.isOpened()).isFalse();
            }
        }

        /** The second gets the number of the first one's descriptor, of which the kernel may not have heard yet. */
        @Test
        void oneAbortedAtOnceDoesNotDisturbTheNext() throws Exception {
            Recorder aborted = new Recorder();
            Recorder next = new Recorder() {
                @Override
                void whenOpened(Channel channel) {
                    channel.send("hello".getBytes(US_ASCII), 0, 5);
                }
            };
            try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Rig.run(rig.loop, () -> {
                    rig.loop
                            .connect(deaf.getLocalSocketAddress(), 5_000_000_000L, aborted)
                            .abort();
                    rig.loop.connect(server.getLocalSocketAddress(), 5_000_000_000L, next);
                });
                Socket peer = server.accept();

                assertThat(peer.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
                peer.getOutputStream().write("world".getBytes(US_ASCII));
                await().untilAsserted(() -> assertThat(next.text()).isEqualTo("world"));
                assertThat(aborted.awaitClosed()).isEqualTo(CloseCause.OURS);
                assertThat(aborted.isOpened()).isFalse();
                peer.close();
            }
        }

        /** Fills the backlog, after which the kernel drops further attempts. */
        private InetSocketAddress fill(ServerSocket server) throws IOException {
            InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
            for (int i = 0; i < 2; i++) {
                rig.dial(address);
            }
            return address;
        }
    }

    @Nested
    class WhenClosedAtAnyMoment {
        /** Every way to end, at random moments of a transfer; the rig then finds memory that was not given back. */
        @Test
        void nothingIsKept() throws Exception {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            Rig.Listening listening = rig.listen(() -> new Recorder() {
                private int budget = random.nextInt(300_000);
                private final int way = random.nextInt(5);

                @Override
                void whenReceived(Channel channel, Received received) {
                    channel.send(received, received.offset(), received.length());
                    appetite = random.nextInt(4) == 0 ? random.nextInt(received.length()) : Integer.MAX_VALUE;
                    channel.loop().post(() -> channel.receive(true));
                    budget -= received.length();
                    if (budget < 0) {
                        switch (way) {
                            case 0 -> channel.abort();
                            case 1 -> channel.close();
                            case 2 -> channel.finish();
                            case 3 -> channel.receive(false);
                            default -> throw new IllegalStateException("a fault of this test");
                        }
                    }
                }
            });
            byte[] bytes = noise(200_000);

            for (int i = 0; i < 60; i++) {
                Socket peer = rig.dial(listening.address);
                Channel channel = listening.next();
                peer.setSoTimeout(20);
                Thread writer = Thread.ofVirtual().start(() -> {
                    try {
                        peer.getOutputStream().write(bytes);
                    } catch (IOException e) {
                        // The test cuts connections on purpose.
                    }
                });
                try {
                    peer.getInputStream().readNBytes(random.nextInt(200_000));
                } catch (IOException e) {
                    // As above.
                }
                if (random.nextBoolean()) {
                    peer.setSoLinger(true, 0);
                }
                if (random.nextBoolean()) {
                    rig.loop.post(channel::abort);
                }
                peer.close();
                writer.join();
            }
            Rig.turns(rig.loop, 3);
            assertThatNoException().as("seed %s", seed).isThrownBy(() -> Rig.closeAndCheck(rig.loop));
        }
    }
}
