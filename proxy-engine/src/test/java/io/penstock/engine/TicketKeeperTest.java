package io.penstock.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.tls.TicketKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TicketKeeperTest {
    private static final Instant START = Instant.parse("2026-11-22T07:00:00Z");

    @TempDir
    Path folder;

    private final List<List<String>> told = new ArrayList<>();

    private TicketKeeper open(Instant at) {
        return new TicketKeeper(
                Optional.of(folder),
                Clock.fixed(at, ZoneOffset.UTC),
                new SecureRandom(),
                keys -> told.add(names(keys)));
    }

    private static List<String> names(List<TicketKey> keys) {
        return keys.stream().map(key -> HexFormat.of().formatHex(key.name())).toList();
    }

    @Test
    void theKeysAreFoundAgainAfterARestart() {
        open(START);
        open(START.plus(Duration.ofMinutes(5)));

        assertThat(told.get(1)).isEqualTo(told.get(0));
    }

    @Test
    void theyChangeWithTheTimeAndOldOnesAreTakenForAWhile() {
        open(START);
        open(START.plus(Duration.ofHours(8)));
        open(START.plus(Duration.ofDays(3)));

        assertThat(told.get(1).subList(1, 3)).isEqualTo(told.get(0).subList(0, 2));
        assertThat(told.get(2)).doesNotContainAnyElementsOf(told.get(1));
    }

    @Test
    void theFileIsItsOwnersAndHoldsNoPast() throws Exception {
        open(START);
        Path file = folder.resolve("tickets.key");
        String before = Files.readString(file);
        open(START.plus(Duration.ofHours(8)));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).isNotEqualTo(before);
    }

    @Test
    void aFileThatWillNotDoIsReplaced() throws Exception {
        Path file = folder.resolve("tickets.key");
        for (String text : List.of("", "nonsense", "penstock-tickets-1 x y", "penstock-tickets-1 5 00", "\u0000")) {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            open(START);
        }
        open(START);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        open(START);

        assertThat(told.get(5)).isEqualTo(told.get(4));
        assertThat(told.get(6)).doesNotContainAnyElementsOf(told.get(5));
    }
}
