package io.penstock.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
final class AcceptanceTest {
    private final TransportChoice choice;
    private Rig rig;

    AcceptanceTest(TransportChoice choice) {
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

    @Test
    void aBoundSocketDoesNotListenYet() throws Exception {
        try (BoundSocket socket = rig.transport.bind(Rig.anyPort(), 1, 16).getFirst()) {
            assertThat(socket.localAddress().getPort()).isPositive();
            assertThatThrownBy(() -> rig.dial(socket.localAddress())).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void anAddressGivenUpMayBeBoundByOthers() throws Exception {
        List<BoundSocket> sockets = rig.transport.bind(Rig.anyPort(), 2, 16);
        InetSocketAddress address = sockets.getFirst().localAddress();

        sockets.forEach(BoundSocket::close);

        try (ServerSocket other = new ServerSocket(address.getPort(), 1, address.getAddress())) {
            assertThat(other.isBound()).isTrue();
        }
    }

    @Test
    void anAddressThatSomebodyElseServesIsRefused() throws Exception {
        try (ServerSocket other = new ServerSocket()) {
            other.setReuseAddress(true);
            other.setOption(java.net.StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(Rig.anyPort());

            assertThatThrownBy(() -> rig.transport.bind(other.getLocalSocketAddress(), 1, 16))
                    .isInstanceOf(BindRefused.class)
                    .hasMessageContaining("127.0.0.1:" + other.getLocalPort())
                    .hasMessageContaining("in use")
                    .hasMessageContaining("another");
        }
    }

    @Test
    void anAddressThatIsNotOursIsRefused() {
        assertThatThrownBy(() -> rig.transport.bind(new InetSocketAddress("192.0.2.1", 8080), 1, 16))
                .isInstanceOf(BindRefused.class)
                .hasMessageContaining("192.0.2.1:8080 is not an address of this machine");
    }

    @Test
    void twoLoopsShareAnAddress() throws Exception {
        Loop second = rig.newLoop();
        List<BoundSocket> sockets = rig.transport.bind(Rig.anyPort(), 2, 128);
        InetSocketAddress address = sockets.getFirst().localAddress();
        Rig.Listening one = new Rig.Listening(address, rig.loop, Recorder::new);
        Rig.Listening two = new Rig.Listening(address, second, Recorder::new);
        Rig.run(rig.loop, () -> rig.loop.accept(sockets.get(0), one));
        Rig.run(second, () -> second.accept(sockets.get(1), two));

        for (int i = 0; i < 100; i++) {
            rig.dial(address);
        }

        await().untilAsserted(() ->
                assertThat(one.accepted.size() + two.accepted.size()).isEqualTo(100));
        assertThat(one.accepted).isNotEmpty().allMatch(channel -> channel.loop().equals(rig.loop));
        assertThat(two.accepted).isNotEmpty().allMatch(channel -> channel.loop().equals(second));
    }

    @Test
    void aConnectionMayBeGivenToAnotherLoop() throws Exception {
        Loop second = rig.newLoop();
        Recorder handler = new Recorder() {
            @Override
            void whenReceived(Channel channel, Received received) {
                channel.send(received, received.offset(), received.length());
            }
        };
        Rig.Listening listening = rig.listen(() -> handler);
        listening.owner = second;

        Socket peer = rig.dial(listening.address);
        peer.getOutputStream().write("over there".getBytes(US_ASCII));

        assertThat(listening.next().loop()).isSameAs(second);
        assertThat(peer.getInputStream().readNBytes(10)).isEqualTo("over there".getBytes(US_ASCII));
    }

    @Test
    void aConnectionRefusedByItsAcceptorIsReset() throws Exception {
        Recorder handler = new Recorder();
        BoundSocket socket = rig.transport.bind(Rig.anyPort(), 1, 16).getFirst();
        Rig.run(
                rig.loop,
                () -> rig.loop.accept(socket, new Acceptor() {
                    @Override
                    public Loop owner() {
                        return rig.loop;
                    }

                    @Override
                    public ChannelHandler accepted(Channel channel) {
                        channel.abort();
                        return handler;
                    }
                }));

        Socket peer = rig.dial(socket.localAddress());

        assertThat(handler.awaitClosed()).isEqualTo(CloseCause.OURS);
        assertThat(handler.isOpened()).isFalse();
        assertThatThrownBy(() -> assertThat(peer.getInputStream().read()).isNotEqualTo(-1))
                .isInstanceOfAny(IOException.class, AssertionError.class);
    }

    @Nested
    class WhenPaused {
        @Test
        void connectionsWaitInTheBacklog() throws Exception {
            Rig.Listening listening = rig.listen(Recorder::new);
            Rig.run(rig.loop, () -> listening.acceptance().pause(true));
            Rig.turns(rig.loop, 3);

            rig.dial(listening.address);
            rig.dial(listening.address);
            Rig.turns(rig.loop, 5);
            assertThat(listening.accepted).isEmpty();

            Rig.run(rig.loop, () -> listening.acceptance().pause(false));
            listening.next();
            listening.next();
        }

        @Test
        void drainingAcceptsThemFirst() throws Exception {
            Rig.Listening listening = rig.listen(Recorder::new);
            Rig.run(rig.loop, () -> listening.acceptance().pause(true));
            Rig.turns(rig.loop, 3);
            for (int i = 0; i < 50; i++) {
                rig.dial(listening.address);
            }

            CountDownLatch done = new CountDownLatch(1);
            Rig.run(rig.loop, () -> listening.acceptance().drainAndClose(done::countDown));

            assertThat(done.await(Rig.TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
            assertThat(listening.accepted).hasSize(50);
            assertThatThrownBy(() -> rig.dial(listening.address)).isInstanceOf(ConnectException.class);
        }

        @Test
        void drainingAnEmptyBacklogEndsToo() throws Exception {
            Rig.Listening listening = rig.listen(Recorder::new);

            CountDownLatch done = new CountDownLatch(1);
            Rig.run(rig.loop, () -> listening.acceptance().drainAndClose(done::countDown));

            assertThat(done.await(Rig.TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Nested
    class WhenOneListenerTakesAnothersPlace {
        @Test
        void noConnectionIsRefusedMeanwhile() throws Exception {
            Rig.Listening old = rig.listen(Recorder::new);
            for (int round = 0; round < 5; round++) {
                Rig.Listening following = rig.listen(old.address, Recorder::new);
                rig.dial(old.address);
                CountDownLatch done = new CountDownLatch(1);
                Acceptance leaving = old.acceptance();
                Rig.run(rig.loop, () -> leaving.drainAndClose(done::countDown));
                assertThat(done.await(Rig.TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
                rig.dial(old.address);
                following.next();
                old = following;
            }
        }
    }

    @Nested
    class WhenItIsAUnixSocket {
        @TempDir
        private Path folder;

        private UnixDomainSocketAddress address() {
            return UnixDomainSocketAddress.of(folder.resolve("gate.sock"));
        }

        private void assumeUnixSockets() {
            assumeThat(rig.transport.hasUnixSockets()).as("unix sockets").isTrue();
        }

        @Test
        void itServesAndLeavesNoFile() throws Exception {
            assumeUnixSockets();
            Recorder handler = new Recorder() {
                @Override
                void whenReceived(Channel channel, Received received) {
                    channel.send(received, received.offset(), received.length());
                }
            };
            Rig.Listening listening = rig.listen(address(), () -> handler);

            try (SocketChannel peer = SocketChannel.open(address())) {
                peer.write(ByteBuffer.wrap("ping".getBytes(US_ASCII)));
                ByteBuffer answer = ByteBuffer.allocate(4);
                while (answer.hasRemaining() && peer.read(answer) >= 0) {}
                assertThat(answer.array()).isEqualTo("ping".getBytes(US_ASCII));
            }
            assertThat(listening.next().remoteAddress().getPort()).isZero();
            handler.awaitEnd();
            CountDownLatch done = new CountDownLatch(1);
            Rig.run(rig.loop, () -> listening.acceptance().drainAndClose(done::countDown));
            assertThat(done.await(Rig.TIMEOUT_S, TimeUnit.SECONDS)).isTrue();
            assertThat(folder).isEmptyDirectory();
        }

        @Test
        void itIsConnectedTo() throws Exception {
            assumeUnixSockets();
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(address());
                Recorder handler = new Recorder();
                Rig.run(rig.loop, () -> rig.loop.connect(address(), 1_000_000_000L, handler));
                try (SocketChannel peer = server.accept()) {
                    peer.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
                    await().untilAsserted(() -> assertThat(handler.text()).isEqualTo("hello"));
                }
                handler.awaitEnd();
            }
        }

        @Test
        void oneWithoutListenerRefuses() throws Exception {
            assumeUnixSockets();
            Recorder handler = new Recorder();

            Rig.run(rig.loop, () -> rig.loop.connect(address(), 1_000_000_000L, handler));

            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.CONNECT_REFUSED);
        }

        @Test
        void whatADeadProcessLeftIsReplaced() throws Exception {
            assumeUnixSockets();
            ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                    .bind(address())
                    .close();

            Rig.Listening listening = rig.listen(address(), Recorder::new);

            try (SocketChannel peer = SocketChannel.open(address())) {
                assertThat(peer.isConnected()).isTrue();
            }
            listening.next();
        }

        @Test
        void oneThatIsServedOrIsAFileIsRefused() throws Exception {
            assumeUnixSockets();
            try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                other.bind(address());
                assertThatThrownBy(() -> rig.transport.bind(address(), 1, 16))
                        .isInstanceOf(BindRefused.class)
                        .hasMessageContaining("in use");
            }
            Files.delete(address().getPath());
            Files.writeString(address().getPath(), "precious");
            assertThatThrownBy(() -> rig.transport.bind(address(), 1, 16))
                    .isInstanceOf(BindRefused.class)
                    .hasMessageContaining("not a socket");
            assertThat(address().getPath()).hasContent("precious");
        }

        @Test
        void aTransportWithoutThemSaysSo() throws Exception {
            assumeThat(rig.transport.hasUnixSockets()).as("unix sockets").isFalse();
            Recorder handler = new Recorder();

            assertThatThrownBy(() -> rig.transport.bind(address(), 1, 16))
                    .isInstanceOf(BindRefused.class)
                    .hasMessageContaining("use epoll or io_uring");
            Rig.run(rig.loop, () -> rig.loop.connect(address(), 1_000_000_000L, handler));
            assertThat(handler.awaitClosed()).isEqualTo(CloseCause.CONNECT_UNREACHABLE);
        }
    }
}
