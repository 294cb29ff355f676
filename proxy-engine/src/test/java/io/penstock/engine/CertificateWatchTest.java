package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.config.CaBundleConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.NamedMap;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.metrics.Sample;
import io.penstock.transport.tls.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class CertificateWatchTest {
    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(CertificateWatch.class);
    private Instant now = Instant.now();
    private final CertificateWatch watch = new CertificateWatch(new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    });

    @BeforeEach
    void listen() {
        said.start();
        logger.addAppender(said);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(said);
    }

    private NamedMap<CertificateConfig> certificate(int days) throws Exception {
        TestCertificates.Pair pair = TestCertificates.make(
                folder,
                List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", Integer.toString(days)),
                "shop.example");
        return ProxyConfig.initial()
                .with(CertificateConfig.of("shop", pair.pem(), new SecretValue.Given(pair.keyPem())))
                .certificates();
    }

    @Test
    void tellsOfEachStepOnce() throws Exception {
        watch.follow(certificate(100));
        assertThat(said.list).isEmpty();
        for (int day = 0; day < 102; day++) {
            watch.look();
            watch.look();
            now = now.plus(Duration.ofDays(1));
        }

        assertThat(said.list)
                .extracting(ILoggingEvent::getLevel)
                .containsExactly(Level.WARN, Level.WARN, Level.WARN, Level.ERROR);
        assertThat(said.list.getFirst().getFormattedMessage())
                .contains("\"shop\"")
                .contains("in 29 days");
    }

    @Test
    void tellsOnceOfAListOfRevokedOnesThatIsOver() throws Exception {
        TestCertificates.Pair pair = TestCertificates.makeSigned(folder, "acme");
        CaBundleConfig bundle = CaBundleConfig.of(
                        "clients",
                        TestCertificates.pem(
                                "CERTIFICATE", pair.chain().getLast().getEncoded()))
                .withRevocationLists(Files.readString(TestCertificates.revoke(folder, pair)));
        Logger ofLists = (Logger) LoggerFactory.getLogger(RevocationListWatch.class);
        ofLists.addAppender(said);
        try {
            watch.follow(ProxyConfig.initial().with(bundle));
            assertThat(said.list).isEmpty();
            Instant end = bundle.listsEnd().orElseThrow();
            now = end.minusSeconds(60);
            watch.look();
            assertThat(said.list).isEmpty();
            List<Sample> samples = new ArrayList<>();
            watch.collect(samples::add);
            assertThat(samples).singleElement().satisfies(sample -> {
                assertThat(sample.labelValues()).containsExactly("clients");
                assertThat(sample.value()).isEqualTo(60);
            });

            now = end;
            watch.look();
            watch.look();
            assertThat(said.list)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage()).contains("\"clients\"", end.toString()));
        } finally {
            ofLists.detachAppender(said);
        }
    }

    @Test
    void aNewOneBeginsAnewAndOneThatIsGoneIsForgotten() throws Exception {
        watch.follow(certificate(5));
        watch.follow(certificate(6));
        assertThat(said.list).hasSize(2);

        List<Sample> samples = new ArrayList<>();
        watch.collect(samples::add);
        assertThat(samples).singleElement().satisfies(sample -> {
            assertThat(sample.labelValues()).containsExactly("shop");
            assertThat(sample.value()).isBetween(5.9 * 86_400, 6.1 * 86_400);
        });
        watch.follow(NamedMap.empty());
        samples.clear();
        watch.collect(samples::add);
        assertThat(samples).isEmpty();
    }
}
