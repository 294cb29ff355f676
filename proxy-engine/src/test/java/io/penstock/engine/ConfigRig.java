package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.ListenAddress;
import io.penstock.config.ListenerConfig;
import io.penstock.config.NodeLocality;
import io.penstock.config.PathMatch;
import io.penstock.config.ProxyConfig;
import io.penstock.config.RespondConfig;
import io.penstock.config.RouteConfig;
import io.penstock.config.RouteMatch;
import io.penstock.config.SecretValue;
import io.penstock.cores.CorePlan;
import io.penstock.spi.CredentialSecrets;
import io.penstock.spi.FilterProvider;
import io.penstock.transport.TransportChoice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An engine on loopback sockets that a test publishes configs to. */
final class ConfigRig implements AutoCloseable {
    private static final int TIMEOUT_MS = 20_000;
    private static final int PERMIT_SLOTS = 64;

    /** Under which API keys are stored here. */
    static final byte[] DIGEST_KEY =
            "the 32 bytes of a key for digests".substring(0, 32).getBytes(StandardCharsets.US_ASCII);

    private final ProxyEngine engine;
    private long revision;

    ConfigRig(int workers, Path logs, FilterProvider... providers) throws Exception {
        this(workers, logs, Duration.ofMillis(TIMEOUT_MS), providers);
    }

    ConfigRig(int workers, Path logs, Duration filterOpenMax, FilterProvider... providers) throws Exception {
        engine = ProxyEngine.start(new EngineOptions(
                workers,
                CorePlan.NONE,
                TransportChoice.NIO,
                logs,
                "test",
                Clock.systemUTC(),
                List.of(providers),
                1 << 12,
                PERMIT_SLOTS,
                new KeySeed(1, 2),
                filterOpenMax,
                secrets(),
                Optional.empty(),
                NodeLocality.UNKNOWN,
                Optional.empty()));
    }

    // Each secret that an entry names has a value that tells its name.
    private static CredentialSecrets secrets() {
        CredentialSecrets none = CredentialSecrets.none();
        return new CredentialSecrets() {
            @Override
            public byte[] digestKey() {
                return DIGEST_KEY;
            }

            @Override
            public String open(SecretValue.Sealed sealed) {
                return none.open(sealed);
            }

            @Override
            public Optional<String> named(String reference) {
                return Optional.of("the value of secret " + reference + ", long enough");
            }
        };
    }

    static ListenerConfig.Builder web() {
        return ListenerConfig.named("web", ListenAddress.parse("127.0.0.1:" + freePort()));
    }

    static RouteConfig.Builder fixed(String name, String prefix) {
        return RouteConfig.named(name)
                .matches(RouteMatch.of(PathMatch.prefix(prefix)))
                .respond(new RespondConfig(
                        200,
                        Optional.of(name),
                        RespondConfig.DEFAULTS.contentType(),
                        RespondConfig.DEFAULTS.headers()));
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException refused) {
            throw new IllegalStateException("no port is free", refused);
        }
    }

    ProxyEngine engine() {
        return engine;
    }

    /** Has every worker serve a config. */
    void publish(ProxyConfig config) throws Exception {
        Preparation preparation = engine.prepare(config);
        assertThat(preparation).isInstanceOf(Preparation.Ready.class);
        engine.publish(((Preparation.Ready) preparation).prepared(), ++revision)
                .active()
                .toCompletableFuture()
                .get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    EngineClient client() throws IOException {
        return new EngineClient(
                engine.readings().status().listeners().getFirst().address());
    }

    @Override
    public void close() {
        engine.close();
    }
}
