package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.util.ResourceLeakDetector;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Either side breaks its connection with a RST in each phase of an exchange, again and again: afterwards nothing is held that
 * was not held before, no connection, request, permit, descriptor or buffer.
 */
final class ResetTest {
    private static final int ROUNDS = 20;

    /** A loop keeps the buffers of output that once were out together, a few of 16 KiB; one lost in each round would be far more. */
    private static final long HELD_BYTES_MAX = ROUNDS / 2 * 16 * 1024;

    private static final Duration SOON = Duration.ofSeconds(20);

    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String HALF_A_POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello";
    private static final String UPGRADE =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String SWITCHED =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String LONG_ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";

    @TempDir
    private Path logs;

    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private final ListAppender<ILoggingEvent> leaks = new ListAppender<>();
    private final Logger leakLogger = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);

    @BeforeEach
    void listenForLeaks() {
        leaks.start();
        leakLogger.addAppender(leaks);
    }

    @AfterEach
    void close() {
        leakLogger.detachAppender(leaks);
        senders.close();
    }

    /** Who breaks, and how far things have come by then. */
    enum Breaking {
        CLIENT_IN_THE_HEAD {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                rig.client("GET / HT").reset();
            }
        },
        CLIENT_IN_THE_BODY {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(HALF_A_POST);
                Peer endpoint = rig.endpoint();
                endpoint.readUntil("hello");
                client.reset();
                endpoint.readToEnd();
            }
        },
        CLIENT_WHILE_IT_WAITS {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                client.reset();
                endpoint.readToEnd();
            }
        },
        CLIENT_WHILE_IT_WAITS_WITH_MORE_SENT {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET + GET + GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                client.reset();
                endpoint.readToEnd();
            }
        },
        CLIENT_IN_THE_RESPONSE {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(LONG_ANSWER + "begin");
                client.readUntil("begin");
                client.reset();
                endpoint.readToEnd();
            }
        },
        CLIENT_THAT_DOES_NOT_READ_THE_RESPONSE {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(LONG_ANSWER);
                senders.execute(() -> endpoint.sendMuch(100_000_000));
                client.readHead();
                client.reset();
                endpoint.readToEnd();
            }
        },
        CLIENT_IN_A_TUNNEL {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(UPGRADE);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(SWITCHED);
                client.readHead();
                client.send("ping");
                endpoint.readUntil("ping");
                client.reset();
                endpoint.readToEnd();
            }
        },
        CLIENT_BETWEEN_REQUESTS {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(OK);
                client.readUntil("ok");
                client.reset();
            }
        },
        ENDPOINT_IN_THE_BODY {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(HALF_A_POST);
                Peer endpoint = rig.endpoint();
                endpoint.readUntil("hello");
                endpoint.reset();
                assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
            }
        },
        ENDPOINT_BEFORE_IT_ANSWERS {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.reset();
                assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
            }
        },
        ENDPOINT_IN_ITS_HEAD {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send("HTTP/1.1 200 OK\r\nContent-Le");
                endpoint.reset();
                assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
            }
        },
        ENDPOINT_IN_THE_RESPONSE {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(LONG_ANSWER + "begin");
                client.readUntil("begin");
                endpoint.reset();
                client.readToEnd();
            }
        },
        ENDPOINT_IN_A_TUNNEL {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(UPGRADE);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(SWITCHED + "pong");
                client.readUntil("pong");
                endpoint.reset();
                client.readToEnd();
            }
        },
        ENDPOINT_IN_THE_POOL {
            @Override
            void happen(EngineRig rig, ExecutorService senders) throws IOException {
                Peer client = rig.client(GET);
                Peer endpoint = rig.endpoint();
                endpoint.readHead();
                endpoint.send(OK);
                client.readUntil("ok");
                endpoint.reset();
            }
        };

        abstract void happen(EngineRig rig, ExecutorService senders) throws IOException;
    }

    private static Stream<Arguments> breakings() {
        return Stream.of(TransportChoice.IO_URING, TransportChoice.EPOLL, TransportChoice.NIO)
                .flatMap(transport -> Stream.of(Breaking.values()).map(breaking -> Arguments.of(transport, breaking)));
    }

    @ParameterizedTest
    @MethodSource("breakings")
    void leavesNothingBehind(TransportChoice transport, Breaking breaking) throws Exception {
        try (EngineRig rig = new EngineRig(transport, 1, logs)) {
            repeat(rig, breaking, 3);
            long bytes = rig.engine().transportMemory().usedBytes();
            int descriptors = openDescriptors();

            repeat(rig, breaking, ROUNDS);

            Awaitility.await().atMost(SOON).pollInterval(Duration.ofMillis(1)).untilAsserted(() -> {
                assertThat(openDescriptors()).as("descriptors").isLessThanOrEqualTo(descriptors);
                assertThat(rig.engine().transportMemory().usedBytes())
                        .as("bytes in buffers")
                        .isLessThanOrEqualTo(bytes + HELD_BYTES_MAX);
            });
            System.gc();
            repeat(rig, breaking, 1);
            assertThat(leaks.list).as("leaks that Netty found").isEmpty();
        }
    }

    private void repeat(EngineRig rig, Breaking breaking, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            breaking.happen(rig, senders);
            rig.settle();
        }
    }

    /** All but files: the JVM opens a jar when the first class of it is wanted. */
    private static int openDescriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.filter(descriptor -> !isFile(descriptor)).count();
        }
    }

    private static boolean isFile(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).isAbsolute();
        } catch (IOException closedMeanwhile) {
            return true;
        }
    }
}
