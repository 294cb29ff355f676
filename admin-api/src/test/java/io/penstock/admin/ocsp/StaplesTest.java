package io.penstock.admin.ocsp;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.config.CertificateConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is fetched of certificates' states, and how long it is shown; time is advanced by hand. */
final class StaplesTest {
    private Instant now = Instant.parse("2026-11-22T10:00:00Z");
    private final Clock clock = new Moved();
    private FakeResponder responder;
    private ProxyConfig config;
    private Map<String, byte[]> shown = Map.of();
    private Staples staples;

    private final class Moved extends Clock {
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
    }

    @BeforeEach
    void open() throws Exception {
        follow("http://127.0.0.1:9/ocsp");
    }

    private void follow(String url) throws Exception {
        responder = new FakeResponder(clock, url);
        config = ProxyConfig.initial().with(certificate().withFetchedOcsp());
        staples = new Staples(() -> config, responder, all -> shown = all, clock, new Random(3));
    }

    private CertificateConfig certificate() throws Exception {
        return CertificateConfig.of("shop", responder.chain(), new SecretValue.Given("not asked for here"));
    }

    private void after(Duration passed) throws Exception {
        now = now.plus(passed);
        staples.look();
    }

    private Stapling state() {
        return staples.of(config.certificates().find("shop").orElseThrow()).orElseThrow();
    }

    @Test
    void aGoodAnswerIsShownAndAskedForAnewAtHalfItsTime() throws Exception {
        after(Duration.ZERO);
        assertThat(shown).hasSize(1);
        assertThat(state().until()).contains(now.plus(FakeResponder.COUNTS));

        after(FakeResponder.COUNTS.dividedBy(2).minusSeconds(1));
        assertThat(responder.asked).isEqualTo(1);
        after(Duration.ofSeconds(2));
        assertThat(responder.asked).isEqualTo(2);
    }

    @Test
    void itIsKeptWhileTheResponderIsSilentButNoLongerThanItCounts() throws Exception {
        after(Duration.ZERO);
        responder.silence = java.util.Optional.of(new StatusUnknown("nobody there"));
        after(FakeResponder.COUNTS.minusMinutes(1));
        assertThat(shown).hasSize(1);
        assertThat(state().lastError()).contains("nobody there");
        int asked = responder.asked;
        after(Duration.ofSeconds(30));
        assertThat(responder.asked).isEqualTo(asked);

        after(Duration.ofMinutes(1));
        assertThat(shown).isEmpty();
    }

    @Test
    void aRevokedCertificateIsNotCalledGoodAnyMore() throws Exception {
        after(Duration.ZERO);
        responder.status = new RevokedStatus(Date.from(now), CRLReason.keyCompromise);
        after(FakeResponder.COUNTS.dividedBy(2).plusSeconds(1));

        assertThat(shown).isEmpty();
        assertThat(state().lastError().orElse("")).contains("was revoked at");
    }

    @Test
    void onlyTheAuthorityAndWhomItAllowsAreBelieved() throws Exception {
        responder.isDelegated = true;
        after(Duration.ZERO);
        assertThat(shown).hasSize(1);

        follow("http://127.0.0.1:9/ocsp");
        shown = Map.of();
        responder.isStrangers = true;
        after(Duration.ZERO);
        assertThat(shown).isEmpty();
        assertThat(state().lastError()).contains("the answer is signed by nobody who may");
    }

    @Test
    void oneIsShownBeforeAnothersResponderIsWaitedFor() throws Exception {
        FakeResponder second = new FakeResponder(clock, "http://127.0.0.1:10/ocsp");
        config = config.with(CertificateConfig.of("tail", second.chain(), new SecretValue.Given("not asked for here"))
                .withFetchedOcsp());
        List<Integer> shownWhenAsked = new ArrayList<>();
        Responder both = (address, request) -> {
            shownWhenAsked.add(shown.size());
            return (address.getPort() == 10 ? second : responder).ask(address, request);
        };
        staples = new Staples(() -> config, both, all -> shown = all, clock, new Random(3));

        after(Duration.ZERO);

        assertThat(shownWhenAsked).containsExactly(0, 1);
        assertThat(shown).hasSize(2);
    }

    @Test
    void whatOneThrowsKeepsNoOtherFromBeingAsked() throws Exception {
        FakeResponder second = new FakeResponder(clock, "http://127.0.0.1:10/ocsp");
        config = config.with(CertificateConfig.of("tail", second.chain(), new SecretValue.Given("not asked for here"))
                .withFetchedOcsp());
        List<Integer> asked = new ArrayList<>();
        Responder odd = (address, request) -> {
            asked.add(address.getPort());
            if (address.getPort() == 9) {
                throw new IllegalArgumentException("what a library says of an odd URL");
            }
            return second.ask(address, request);
        };
        staples = new Staples(() -> config, odd, all -> shown = all, clock, new Random(3));

        after(Duration.ZERO);
        after(Duration.ofSeconds(1));

        assertThat(asked).containsExactlyInAnyOrder(9, 10);
        assertThat(shown).hasSize(1);
        assertThat(state().lastError().orElse("")).contains("what a library says");
    }

    @Test
    void anAnswerForYearsIsAskedForAnewAllTheSame() throws Exception {
        responder.counts = Duration.ofDays(3650);
        after(Duration.ZERO);
        assertThat(state().nextAttempt()).contains(now.plus(Staples.PAUSE_MAX));
    }

    @Test
    void whoeverKnowsNothingOfTheCertificateIsNoHelp() throws Exception {
        responder.status = new UnknownStatus();
        after(Duration.ZERO);
        assertThat(shown).isEmpty();
    }

    @Test
    void nobodyIsAskedForOthersAndOnlyOverHttp() throws Exception {
        config = ProxyConfig.initial().with(certificate());
        after(Duration.ZERO);
        assertThat(responder.asked).isZero();

        follow("ldap://127.0.0.1/ocsp");
        after(Duration.ZERO);
        assertThat(responder.asked).isZero();
        assertThat(state().lastError()).contains("the certificate names no responder with an http URL");
    }

    @Test
    void anyBytesForAnAnswerAreRefusedInWords() throws Exception {
        StatusQuestion question = StatusQuestion.about(certificate().chain());
        byte[] good = responder.ask(question.responder(), question.request());
        Random random = new Random(11);
        for (int i = 0; i < 2_000; i++) {
            byte[] changed = good.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(question.read(changed, now).until()).isAfter(now);
            } catch (StatusUnknown told) {
                assertThat(told.getMessage()).isNotBlank();
            }
        }
        for (byte[] odd : new byte[][] {{}, {0x30}, "no answer".getBytes(StandardCharsets.US_ASCII)}) {
            try {
                question.read(odd, now);
                throw new AssertionError("it was believed");
            } catch (StatusUnknown told) {
                assertThat(told.getMessage()).isNotBlank();
            }
        }
    }
}
