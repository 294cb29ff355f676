package io.penstock.admin.store;

import static io.penstock.admin.store.StoreFixture.event;
import static io.penstock.admin.store.StoreFixture.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuditTableTest {

    @TempDir
    private Path folder;

    private StoreFixture fixture;

    @BeforeEach
    void fill() throws Exception {
        fixture = new StoreFixture(folder);
        fixture.commit(put("a", "1"));
        append("token:deploy", "config.edit", "/routes/orders", AuditEvent.Outcome.REFUSED);
        append("token:deploy", "config.apply", "/config", AuditEvent.Outcome.DRY_RUN);
        append("token:root", "token.issue", "/tokens/t1", AuditEvent.Outcome.APPLIED);
        append("token:root", "token.revoke", "/tokens/t1", AuditEvent.Outcome.APPLIED);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void listsNewestFirstByPages() {
        AuditLog audit = fixture.store().audit();

        Page<AuditRecord> first = audit.list(AuditQuery.newest(3));
        Page<AuditRecord> second = audit.list(
                query(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), first.nextCursor(), 3));

        assertThat(first.items()).extracting(AuditRecord::number).containsExactly(5L, 4L, 3L);
        assertThat(second.items()).extracting(AuditRecord::number).containsExactly(2L, 1L);
        assertThat(second.nextCursor()).isEmpty();
    }

    @Test
    void findsLinesByActorActionTargetAndRevision() {
        assertThat(found(query(Optional.of("token:deploy"), Optional.empty(), Optional.empty(), Optional.empty())))
                .containsExactly(3L, 2L);
        assertThat(found(query(Optional.empty(), Optional.of("token"), Optional.empty(), Optional.empty())))
                .containsExactly(5L, 4L);
        assertThat(found(query(Optional.empty(), Optional.of("token.issue"), Optional.empty(), Optional.empty())))
                .containsExactly(4L);
        assertThat(found(query(Optional.empty(), Optional.empty(), Optional.of("/routes/"), Optional.empty())))
                .containsExactly(2L, 1L);
        assertThat(found(query(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(1L))))
                .containsExactly(1L);
    }

    @Test
    void refusesACursorThatWasMadeUp() {
        assertThatThrownBy(() -> fixture.store()
                        .audit()
                        .list(query(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("x'"),
                                3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("was not handed out");
    }

    @Test
    void isSoundWhenNobodyTouchedIt() {
        assertThat(fixture.store().audit().verify()).isEqualTo(ChainVerdict.sound(5));
        assertThat(fixture.reopen().audit().verify()).isEqualTo(ChainVerdict.sound(5));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "UPDATE audit SET actor = 'token:other' WHERE number = 3",
                "UPDATE audit SET at_ms = at_ms + 1 WHERE number = 3",
                "UPDATE audit SET outcome = 'applied' WHERE number = 3",
                "UPDATE audit SET detail = 'x' WHERE number = 3",
                "UPDATE audit SET hash = previous_hash WHERE number = 3",
                "DELETE FROM audit WHERE number = 3",
                "UPDATE audit SET number = 9 WHERE number = 3"
            })
    void findsTheLineThatWasTamperedWith(String tampering) throws Exception {
        fixture.close();
        try (StoreConnection connection =
                StoreConnection.openForWriting(fixture.file(StoreOpening.FILE), StoreFixture.options(10_000, 100))) {
            connection.execute(tampering);
        }

        ChainVerdict verdict = fixture.store().audit().verify();

        assertThat(verdict.brokenAt()).contains(3L);
        assertThat(verdict.checked()).isEqualTo(2);
    }

    @Test
    void cutsALongTextInsteadOfRefusingTheLine() {
        AuditEvent long1 = new AuditEvent(
                StoreFixture.NOW,
                "x",
                Optional.empty(),
                "a",
                "/t",
                AuditEvent.Outcome.REFUSED,
                Optional.empty(),
                Optional.of("n".repeat(5000)),
                Optional.empty(),
                Optional.empty());

        assertThat(long1.note().orElseThrow())
                .hasSize(AuditEvent.TEXT_CHARS_MAX)
                .endsWith("…");
    }

    private List<Long> found(AuditQuery query) {
        return fixture.store().audit().list(query).items().stream()
                .map(AuditRecord::number)
                .toList();
    }

    private static AuditQuery query(
            Optional<String> actor, Optional<String> action, Optional<String> target, Optional<Long> revision) {
        return query(actor, action, target, revision, Optional.empty(), 100);
    }

    private static AuditQuery query(
            Optional<String> actor,
            Optional<String> action,
            Optional<String> target,
            Optional<Long> revision,
            Optional<String> cursor,
            int limit) {
        return new AuditQuery(actor, action, target, revision, Optional.empty(), Optional.empty(), cursor, limit);
    }

    private void append(String actor, String action, String target, AuditEvent.Outcome outcome) throws Exception {
        fixture.store()
                .audit()
                .append(event(actor, action, target, outcome, Optional.empty()))
                .toCompletableFuture()
                .get();
    }
}
