package io.penstock.admin.acme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.admin.acme.CertificateIssuance.Renewal;
import io.penstock.admin.store.DataFolder;
import io.penstock.config.AcmeAccountConfig;
import io.penstock.config.CertificateAcmeConfig;
import io.penstock.config.CertificateConfig;
import io.penstock.config.ProxyConfig;
import io.penstock.config.SecretValue;
import io.penstock.metrics.Sample;
import io.penstock.spi.CredentialSecrets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When certificates are ordered, what becomes of orders, and what operators see of it; time is advanced by hand. */
final class CertificateOrdersTest {
    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private Instant now = START;
    private final Clock clock = InstantSource.system().withZone(ZoneOffset.UTC);
    private final FakeAuthority authority = new FakeAuthority(new Moved());
    private final Book book = new Book();
    // Orders wait here until a test lets them run.
    private final Deque<Runnable> begun = new ArrayDeque<>();
    private final List<Set<String>> remembered = new ArrayList<>();
    private CertificateOrders orders;

    @TempDir
    Path temporary;

    private DataFolder folder;

    private final class Moved extends Clock {
        @Override
        public java.time.ZoneId getZone() {
            return clock.getZone();
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /** A configuration that takes what is written, or does not. */
    private static final class Book implements OrderBook {
        ProxyConfig config = ProxyConfig.initial()
                .with(List.of(
                        AcmeAccountConfig.of("authority", "https://ca.example/dir")
                                .with(new SecretValue.Given(AccountKey.makeText())),
                        CertificateConfig.ordered("shop", CertificateAcmeConfig.of("authority", "shop.example"))));
        Entry entry = Entry.WRITTEN;

        @Override
        public ProxyConfig config() {
            return config;
        }

        @Override
        public Entry write(String name, CertificateAcmeConfig wanted, Issued issued) {
            if (entry == Entry.WRITTEN) {
                put(shop().withPair(Optional.of(issued.chain()), Optional.of(issued.key())));
            }
            return entry;
        }

        CertificateConfig shop() {
            return config.certificates().find("shop").orElseThrow();
        }

        void put(CertificateConfig certificate) {
            config = config.with(certificate);
        }
    }

    @BeforeEach
    void open() throws Exception {
        folder = DataFolder.hold(temporary);
        begin();
    }

    private void begin() {
        orders = new CertificateOrders(
                book,
                authority,
                CredentialSecrets.none(),
                name -> Optional.empty(),
                new Moved(),
                new Random(7),
                begun::add,
                OrderMemory.in(folder));
    }

    @AfterEach
    void close() {
        folder.close();
    }

    private void look() {
        orders.look();
        while (!begun.isEmpty()) {
            begun.remove().run();
        }
    }

    private void after(Duration passed) {
        now = now.plus(passed);
        look();
    }

    private Issuance issuance() {
        return orders.of(book.shop()).orElseThrow();
    }

    @Test
    void whatIsNotThereIsOrderedAtOnceAndOnlyOnce() {
        assertThat(issuance().state()).isEqualTo(Issuance.State.PENDING);

        look();
        look();
        after(Duration.ofDays(30));

        assertThat(authority.orders).containsExactly(List.of("shop.example"));
        assertThat(book.shop().hasPair()).isTrue();
        assertThat(issuance().state()).isEqualTo(Issuance.State.VALID);
        assertThat(issuance().renewAt()).contains(START.plus(Duration.ofDays(60)));
    }

    @Test
    void itIsOrderedAnewAfterTwoThirdsOfItsLifeOrAsLongBeforeItsEndAsIsWished() {
        look();
        after(Duration.ofDays(60).minusSeconds(1));
        assertThat(authority.orders).hasSize(1);
        after(Duration.ofSeconds(2));
        assertThat(authority.orders).hasSize(2);

        book.put(new CertificateConfig(
                "shop",
                List.of(),
                book.shop().certificate(),
                book.shop().key(),
                Optional.of(new CertificateAcmeConfig(
                        "authority",
                        List.of("shop.example"),
                        io.penstock.config.AcmeChallengeType.HTTP_01,
                        Optional.of(Duration.ofDays(10)))),
                Optional.empty(),
                false,
                Optional.empty(),
                List.of(),
                Optional.empty(),
                true,
                Optional.empty()));
        after(Duration.ofDays(79));
        assertThat(authority.orders).hasSize(2);
        after(Duration.ofDays(2));
        assertThat(authority.orders).hasSize(3);
    }

    @Test
    void otherNamesAreOrderedAtOnce() {
        look();
        book.put(CertificateConfig.ordered("shop", CertificateAcmeConfig.of("authority", "shop.example", "b.example"))
                .withPair(book.shop().certificate(), book.shop().key()));
        look();

        assertThat(authority.orders).hasSize(2);
        assertThat(authority.orders.getLast()).containsExactly("shop.example", "b.example");
    }

    @Nested
    class WhenItIsRefused {
        @BeforeEach
        void refuse() {
            authority.refusal = Optional.of(new OrderFailed("no such name"));
            look();
        }

        @Test
        void theNextTryComesLaterAndLaterButNoMoreThanSixHours() {
            List<Long> minutes = new ArrayList<>();
            for (int i = 1; i <= 12; i++) {
                Instant next = issuance().nextAttempt().orElseThrow();
                minutes.add(Duration.between(now, next).toMinutes());
                now = next.minusMillis(1);
                look();
                assertThat(authority.orders).hasSize(i);
                now = next;
                look();
                assertThat(authority.orders).hasSize(i + 1);
            }
            assertThat(minutes.getFirst()).isBetween(0L, 1L);
            assertThat(minutes.get(5)).isBetween(25L, 39L);
            assertThat(minutes.getLast()).isBetween(280L, 433L);
        }

        @Test
        void itIsToldInTheAuthoritysWords() {
            assertThat(issuance().state()).isEqualTo(Issuance.State.FAILING);
            assertThat(issuance().lastError()).contains("no such name");
            assertThat(issuance().failures()).isEqualTo(1);
            List<Sample> samples = new ArrayList<>();
            orders.samples().collect(samples::add);
            assertThat(samples)
                    .anyMatch(each -> each.labelValues().equals(List.of("failed")) && each.value() == 1)
                    .anyMatch(each -> each.labelValues().equals(List.of("shop")) && each.value() == 1);
        }

        @Test
        void theAuthoritysOwnTimeIsKeptWhereItIsLater() {
            Instant wished = now.plus(Duration.ofDays(2));
            authority.refusal = Optional.of(new OrderFailed("enough", new Exception(), Optional.of(wished)));
            after(Duration.ofMinutes(2));

            assertThat(issuance().nextAttempt()).contains(wished);
        }

        @Test
        void thePauseSurvivesTheProcessButNotAnotherWish() {
            Issuance before = issuance();
            begin();
            look();
            assertThat(issuance())
                    .usingRecursiveComparison()
                    .ignoringFields("lastAttempt")
                    .isEqualTo(before);
            assertThat(authority.orders).hasSize(1);

            book.put(CertificateConfig.ordered("shop", CertificateAcmeConfig.of("authority", "b.example")));
            begin();
            look();
            assertThat(authority.orders).hasSize(2);
        }

        @Test
        void anotherWishIsANewBeginning() {
            authority.refusal = Optional.empty();
            book.put(CertificateConfig.ordered("shop", CertificateAcmeConfig.of("authority", "b.example")));
            look();

            assertThat(issuance().state()).isEqualTo(Issuance.State.VALID);
        }

        @Test
        void operatorsMayHaveItTriedButNotWithoutAPause() {
            assertThat(orders.renew(book.shop())).isInstanceOf(Renewal.TooSoon.class);
            now = now.plus(CertificateOrders.WISH_PAUSE);
            assertThat(orders.renew(book.shop())).isInstanceOf(Renewal.Begins.class);
            assertThat(orders.renew(book.shop())).isInstanceOf(Renewal.UnderWay.class);
            look();
            assertThat(authority.orders).hasSize(2);
        }
    }

    @Test
    void whatCannotBeWrittenIsKeptAndNotOrderedAgain() {
        book.entry = OrderBook.Entry.LATER;
        look();
        assertThat(issuance().state()).isEqualTo(Issuance.State.UNWRITTEN);
        look();
        assertThat(book.shop().hasPair()).isFalse();

        book.entry = OrderBook.Entry.WRITTEN;
        after(Duration.ofMinutes(1));
        assertThat(book.shop().hasPair()).isTrue();
        assertThat(authority.orders).hasSize(1);
    }

    @Test
    void whatIsDueAgainAtOnceIsServedButNotOrderedAgainAndAgain() {
        authority.other = Optional.of(FakeAuthority.issue(now, List.of("www.shop.example")));
        look();
        after(Duration.ofSeconds(10));
        assertThat(authority.orders).hasSize(1);
        assertThat(book.shop().hasPair()).isTrue();
        assertThat(issuance().state()).isEqualTo(Issuance.State.FAILING);
        assertThat(issuance().lastError().orElse("")).contains("due again at once");

        // As it is where this machine's clock goes wrong.
        authority.other = Optional.of(FakeAuthority.issue(now.minus(Duration.ofDays(80)), List.of("shop.example")));
        after(Duration.ofMinutes(2));
        after(Duration.ofSeconds(10));
        assertThat(authority.orders).hasSize(2);

        authority.other = Optional.empty();
        after(Duration.ofMinutes(5));
        assertThat(authority.orders).hasSize(3);
        assertThat(issuance().state()).isEqualTo(Issuance.State.VALID);
        assertThat(issuance().failures()).isZero();
    }

    @Test
    void anAuthorityThatWantsToBeLeftAloneForYearsIsAskedAgainAfterAWeek() {
        authority.refusal = Optional.of(
                new OrderFailed("enough", new Exception(), Optional.of(Instant.parse("9999-01-01T00:00:00Z"))));
        look();

        assertThat(issuance().nextAttempt()).contains(START.plus(CertificateOrders.WISHED_PAUSE_MAX));
    }

    @Test
    void anErrorOfTheVirtualMachineTakesNoPlaceForEver() {
        orders = new CertificateOrders(
                book,
                (certificate, wanted, account) -> {
                    throw new NoClassDefFoundError("Missing");
                },
                CredentialSecrets.none(),
                name -> Optional.empty(),
                new Moved(),
                new Random(7),
                begun::add,
                OrderMemory.in(folder));
        orders.look();

        assertThatThrownBy(begun.remove()::run).isInstanceOf(NoClassDefFoundError.class);
        assertThat(issuance().state()).isEqualTo(Issuance.State.FAILING);
    }

    @Test
    void whatIsCutOffByTheEndIsNoFailureAndIsNotRemembered() {
        authority.refusal = Optional.of(new OrderFailed("the authority cannot be asked: interrupted"));
        orders.look();
        orders.stop();
        begun.remove().run();

        assertThat(OrderMemory.in(folder).read()).isEmpty();
        begin();
        authority.refusal = Optional.empty();
        look();
        assertThat(issuance().state()).isEqualTo(Issuance.State.VALID);
    }

    @Test
    void aFailureBeforeAllWereLookedAtForgetsNoOther() {
        book.put(CertificateConfig.ordered("other", CertificateAcmeConfig.of("authority", "other.example")));
        authority.refusal = Optional.of(new OrderFailed("no such name"));
        look();
        assertThat(OrderMemory.in(folder).read()).containsOnlyKeys("other", "shop");

        // The first that is looked at fails before the second is looked at.
        now = now.plus(Duration.ofMinutes(5));
        orders = new CertificateOrders(
                book,
                authority,
                CredentialSecrets.none(),
                name -> Optional.empty(),
                new Moved(),
                new Random(7),
                order -> {
                    order.run();
                    remembered.add(OrderMemory.in(folder).read().keySet());
                },
                OrderMemory.in(folder));
        orders.look();

        assertThat(remembered).hasSize(2).allMatch(names -> names.size() == 2);
    }

    @Test
    void nothingIsOrderedForWhatIsDisabled() {
        book.config = book.config.with(new AcmeAccountConfig(
                "authority",
                "https://ca.example/dir",
                List.of(),
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.of(new SecretValue.Given(AccountKey.makeText())),
                List.of(),
                Optional.empty(),
                false,
                Optional.empty()));
        look();

        assertThat(authority.orders).isEmpty();
        assertThat(issuance().state()).isEqualTo(Issuance.State.DISABLED);
        assertThat(orders.renew(book.shop())).isInstanceOf(Renewal.NotOrdered.class);
    }

    @Test
    void onlySoManyAreUnderWayAtOnce() {
        for (int i = 0; i < 10; i++) {
            book.put(CertificateConfig.ordered("c" + i, CertificateAcmeConfig.of("authority", "c" + i + ".example")));
        }
        orders.look();
        assertThat(begun).hasSize(CertificateOrders.ORDERS_MAX);
        orders.look();
        assertThat(begun).hasSize(CertificateOrders.ORDERS_MAX);
    }

    @Test
    void afterTheEndNoneBegins() {
        orders.stop();
        look();
        assertThat(authority.orders).isEmpty();
    }
}
