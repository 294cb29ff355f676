package io.penstock.admin.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.store.AuditQuery;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.OpenedStore;
import io.penstock.admin.store.SqliteConfigStore;
import io.penstock.admin.store.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AccessControlTest {

    private static final String FILE_TOKEN = "correct-horse-battery-staple";

    @TempDir
    private Path path;

    private final AtomicLong nowNs = new AtomicLong(Duration.ofHours(1).toNanos());
    private Instant now = Instant.parse("2026-11-20T12:00:00Z");
    private DataFolder folder;
    private OpenedStore opened;
    private AccessControl access;

    @BeforeEach
    void open() throws Exception {
        folder = DataFolder.hold(path);
        opened = SqliteConfigStore.open(folder, StoreOptions.defaults(), Clock.systemUTC());
        access = AccessControl.open(opened.store(), folder, clock(), nowNs::get, new SecureRandom());
    }

    @AfterEach
    void close() {
        access.close();
        opened.store().close();
        folder.close();
    }

    private void reopen() throws Exception {
        close();
        open();
    }

    private Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
    }

    @Nested
    final class TheSetupToken {

        @Test
        void isTheOnlyWayInAtFirst() throws Exception {
            String setup = access.setupToken().orElseThrow();

            assertThat(setup).startsWith("pst_setup_");
            assertThat(Files.readString(path.resolve("setup-token"))).isEqualTo(setup + "\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.resolve("setup-token"))))
                    .isEqualTo("rw-------");
            Principal principal = recognised(setup);
            assertThat(principal.isSetup()).isTrue();
            assertThat(principal.may(Verb.READ, "routes")).isFalse();
            assertThat(access.tokens()).isEmpty();
        }

        @Test
        void staysTheSameUntilItIsClaimed() throws Exception {
            String setup = access.setupToken().orElseThrow();

            reopen();

            assertThat(access.setupToken()).contains(setup);
        }

        @Test
        void diesWhenItIsExchangedForTheFirstAdminToken() throws Exception {
            String setup = access.setupToken().orElseThrow();

            TokenResult.Issued issued = issued(access.claim("127.0.0.1", wish("root", "viewer")));

            assertThat(issued.token().roles()).containsExactly("admin");
            assertThat(recognised(issued.secret()).may(Verb.WRITE, "tokens")).isTrue();
            assertThat(refused(setup)).isEqualTo(AuthResult.Why.UNKNOWN);
            assertThat(path.resolve("setup-token")).doesNotExist();
            assertThat(access.claim("127.0.0.1", wish("again", "admin")))
                    .isInstanceOf(TokenResult.NothingToClaim.class);
            reopen();
            assertThat(access.setupToken()).isEmpty();
            assertThat(recognised(issued.secret()).actor()).isEqualTo("token:root");
        }
    }

    @Nested
    final class TheTokenFile {

        @Test
        void isAFullTokenThatStaysValidWithoutTheFile() throws Exception {
            assertThat(access.adoptTokenFile(FILE_TOKEN + "\n")).isEmpty();
            assertThat(access.setupToken()).isEmpty();

            reopen();

            assertThat(recognised(FILE_TOKEN).may(Verb.WRITE, "tokens")).isTrue();
            assertThat(access.adoptTokenFile(FILE_TOKEN)).isEmpty();
            assertThat(access.tokens()).hasSize(1);
        }

        @Test
        void isRefusedWhenItIsTooShortTooLongOrNotVisible() {
            assertThat(access.adoptTokenFile("fifteen-chars-x").orElseThrow()).contains("16 to 256");
            assertThat(access.adoptTokenFile("x".repeat(257))).isPresent();
            assertThat(access.adoptTokenFile("sixteen characters and spaces")).isPresent();
            assertThat(access.adoptTokenFile("x".repeat(256))).isEmpty();
        }

        @Test
        void doesNotComeBackAfterItWasRevoked() throws Exception {
            access.adoptTokenFile(FILE_TOKEN);
            Principal root = recognised(FILE_TOKEN);
            access.issue(root, "127.0.0.1", wish("other", "admin"));
            access.revoke(root, "127.0.0.1", root.tokenId());

            reopen();

            assertThat(access.adoptTokenFile(FILE_TOKEN).orElseThrow()).contains("was revoked");
            assertThat(refused(FILE_TOKEN)).isEqualTo(AuthResult.Why.REVOKED);
        }

        @Test
        void widensNoTokenThatIsKnownAlready() {
            access.adoptTokenFile(FILE_TOKEN);
            Principal root = recognised(FILE_TOKEN);
            TokenResult.Issued reader = issued(access.issue(root, "127.0.0.1", wish("dashboard", "viewer")));
            TokenResult.Issued shop = issued(access.issue(
                    root,
                    "127.0.0.1",
                    new NewToken("shop", List.of("admin"), List.of("team=shop"), Optional.empty(), Optional.empty())));

            assertThat(access.adoptTokenFile(reader.secret()).orElseThrow())
                    .contains("\"dashboard\"", reader.token().id(), "roles viewer", "openssl rand")
                    .doesNotContain(reader.secret());
            assertThat(access.adoptTokenFile(shop.secret()).orElseThrow()).contains("tags team=shop");
            assertThat(recognised(reader.secret()).may(Verb.WRITE, "routes")).isFalse();
        }

        @Test
        void isRefusedWhenItHasExpired() {
            access.adoptTokenFile(FILE_TOKEN);
            TokenResult.Issued brief = issued(access.issue(
                    recognised(FILE_TOKEN),
                    "127.0.0.1",
                    new NewToken(
                            "brief", List.of("admin"), List.of(), Optional.of(Duration.ofHours(1)), Optional.empty())));
            now = now.plus(Duration.ofHours(2));

            assertThat(access.adoptTokenFile(brief.secret()).orElseThrow()).contains("\"brief\"", "expired at");
        }
    }

    @Nested
    final class Tokens {

        private Principal root;

        @BeforeEach
        void adopt() {
            access.adoptTokenFile(FILE_TOKEN);
            root = recognised(FILE_TOKEN);
        }

        @Test
        void areNeverStoredInTheClear() throws Exception {
            String secret = issued(access.issue(root, "127.0.0.1", wish("deploy", "editor")))
                    .secret();
            assertThat(secret).startsWith("pst_").hasSizeGreaterThan(40);
            close();

            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.toList()) {
                    assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain(secret)
                            .doesNotContain(FILE_TOKEN);
                }
            }
            open();
        }

        @Test
        void allowWhatTheirRolesAllow() {
            Principal viewer = issue("viewer");
            Principal operator = issue("operator");
            Principal editor = issue("editor");
            Principal author = issue("plugin-author");

            assertThat(viewer.may(Verb.READ, "routes")).isTrue();
            assertThat(viewer.may(Verb.WRITE, "routes")).isFalse();
            assertThat(viewer.may(Verb.READ, "tokens")).isFalse();
            assertThat(operator.may(Verb.OPERATE, "upstreams")).isTrue();
            assertThat(operator.may(Verb.WRITE, "upstreams")).isFalse();
            assertThat(editor.may(Verb.WRITE, "routes")).isTrue();
            assertThat(editor.may(Verb.READ, "audit")).isTrue();
            assertThat(editor.may(Verb.WRITE, "tokens")).isFalse();
            assertThat(author.may(Verb.WRITE, "plugins")).isTrue();
            assertThat(author.may(Verb.WRITE, "routes")).isFalse();
        }

        @Test
        void reachOnlyTheirTags() {
            Principal pay = recognised(issued(access.issue(
                            root,
                            "127.0.0.1",
                            new NewToken(
                                    "pay", List.of("editor"), List.of("team=pay"), Optional.empty(), Optional.empty())))
                    .secret());

            assertThat(pay.may(Verb.WRITE, "routes", List.of("team=pay", "x=y")))
                    .isTrue();
            assertThat(pay.may(Verb.WRITE, "routes", List.of("team=shop"))).isFalse();
            assertThat(pay.may(Verb.WRITE, "routes", List.of())).isFalse();
        }

        @Test
        void endWhenTheirTimeIsOver() {
            String secret = issued(access.issue(
                            root,
                            "127.0.0.1",
                            new NewToken(
                                    "short",
                                    List.of("viewer"),
                                    List.of(),
                                    Optional.of(Duration.ofMinutes(5)),
                                    Optional.empty())))
                    .secret();
            assertThat(recognised(secret).actor()).isEqualTo("token:short");

            now = now.plus(Duration.ofMinutes(5));

            assertThat(refused(secret)).isEqualTo(AuthResult.Why.EXPIRED);
        }

        @Test
        void endAtOnceWhenRevoked() {
            TokenResult.Issued issued = issued(access.issue(root, "127.0.0.1", wish("deploy", "editor")));

            assertThat(access.revoke(root, "127.0.0.1", issued.token().id()))
                    .isInstanceOfSatisfying(
                            TokenResult.Revoked.class,
                            revoked -> assertThat(revoked.token().state()).isEqualTo("revoked"));

            assertThat(refused(issued.secret())).isEqualTo(AuthResult.Why.REVOKED);
        }

        @Test
        void ofTheLastAdminCannotBeRevoked() {
            assertThat(access.revoke(root, "127.0.0.1", root.tokenId())).isInstanceOf(TokenResult.LastAdmin.class);
            assertThat(recognised(FILE_TOKEN).actor()).isEqualTo("token:admin-token-file");
        }

        @Test
        void cannotBeMadeWithRolesNobodyKnows() {
            assertThat(access.issue(root, "127.0.0.1", wish("x", "king")))
                    .isEqualTo(new TokenResult.Invalid(
                            "/roles/0",
                            "role \"king\" is not defined; known: viewer, operator, editor, plugin-author, admin"));
            assertThat(access.issue(root, "127.0.0.1", wish(" ", "viewer"))).isInstanceOf(TokenResult.Invalid.class);
        }

        @Test
        void leaveALineInTheAuditLog() {
            TokenResult.Issued issued = issued(access.issue(root, "10.0.0.9", wish("deploy", "editor")));
            access.revoke(root, "10.0.0.9", issued.token().id());

            assertThat(opened.store().audit().list(AuditQuery.newest(2)).items())
                    .extracting(line -> line.event().action())
                    .containsExactly("token.revoke", "token.issue");
        }

        @Test
        void rememberWhenTheyWereLastUsed() throws Exception {
            recognised(FILE_TOKEN);
            assertThat(access.tokens().getFirst().lastUsed()).contains(now);

            reopen();

            assertThat(access.tokens().getFirst().lastUsed()).contains(now);
        }

        private Principal issue(String role) {
            return recognised(
                    issued(access.issue(root, "127.0.0.1", wish(role, role))).secret());
        }
    }

    @Nested
    final class FailedGuesses {

        @BeforeEach
        void adopt() {
            access.adoptTokenFile(FILE_TOKEN);
        }

        @Test
        void slowTheirSourceDownAndNoOther() {
            for (int i = 0; i < FailedAttempts.BURST; i++) {
                assertThat(access.authenticate(Optional.of("guess-" + i), "10.0.0.1"))
                        .isInstanceOf(AuthResult.Refused.class);
            }

            assertThat(access.authenticate(Optional.of("guess"), "10.0.0.1"))
                    .isInstanceOfSatisfying(
                            AuthResult.Throttled.class,
                            throttled -> assertThat(throttled.retryAfter()).isPositive());
            assertThat(access.authenticate(Optional.of(FILE_TOKEN), "10.0.0.1"))
                    .as("even the right one is not looked at from there")
                    .isInstanceOf(AuthResult.Throttled.class);
            assertThat(access.authenticate(Optional.of(FILE_TOKEN), "10.0.0.2"))
                    .isInstanceOf(AuthResult.Recognised.class);

            nowNs.addAndGet(FailedAttempts.REFILL_NS);
            assertThat(access.authenticate(Optional.of(FILE_TOKEN), "10.0.0.1"))
                    .isInstanceOf(AuthResult.Recognised.class);
        }

        @Test
        void lockNobodyOutWhoseTokenWasGoodFromThereBefore() {
            access.authenticate(Optional.of(FILE_TOKEN), "10.0.0.1");
            for (int i = 0; i < 50; i++) {
                access.authenticate(Optional.of("guess-" + i), "10.0.0.1");
            }

            assertThat(access.authenticate(Optional.of(FILE_TOKEN), "10.0.0.1"))
                    .isInstanceOf(AuthResult.Recognised.class);
            assertThat(access.authenticate(Optional.of("guess"), "10.0.0.1")).isInstanceOf(AuthResult.Throttled.class);
        }

        @Test
        void areAuditedOnceAMinutePerSource() throws Exception {
            for (int i = 0; i < 8; i++) {
                access.authenticate(Optional.of("guess-" + i), "10.0.0.1");
            }
            reopen();

            assertThat(opened.store().audit().list(AuditQuery.newest(100)).items())
                    .filteredOn(line -> line.event().action().equals("access.attempt"))
                    .hasSize(1);
        }

        @Test
        void ofManySourcesAreRememberedWithinABound() {
            FailedAttempts attempts = new FailedAttempts();
            for (int i = 0; i < FailedAttempts.SOURCES_MAX + 1; i++) {
                for (int failure = 0; failure < FailedAttempts.BURST; failure++) {
                    attempts.failed("source-" + i, 0);
                }
            }

            assertThat(attempts.waitNs("source-0", "d", 0)).isZero();
            assertThat(attempts.waitNs("source-1", "d", 0)).isPositive();
        }

        @Test
        void aMissingTokenIsNoGuess() {
            for (int i = 0; i < 50; i++) {
                assertThat(access.authenticate(Optional.empty(), "10.0.0.1"))
                        .isEqualTo(new AuthResult.Refused(AuthResult.Why.MISSING));
            }
        }
    }

    private Principal recognised(String secret) {
        AuthResult result = access.authenticate(Optional.of(secret), "127.0.0.1");
        assertThat(result).isInstanceOf(AuthResult.Recognised.class);
        return ((AuthResult.Recognised) result).principal();
    }

    private AuthResult.Why refused(String secret) {
        AuthResult result = access.authenticate(Optional.of(secret), "127.0.0.1");
        assertThat(result).isInstanceOf(AuthResult.Refused.class);
        return ((AuthResult.Refused) result).why();
    }

    private static TokenResult.Issued issued(TokenResult result) {
        assertThat(result).isInstanceOf(TokenResult.Issued.class);
        return (TokenResult.Issued) result;
    }

    private static NewToken wish(String name, String role) {
        return new NewToken(name, List.of(role), List.of(), Optional.empty(), Optional.empty());
    }
}
