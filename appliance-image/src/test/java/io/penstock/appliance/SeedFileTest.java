package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.admin.store.DataFolder;
import io.penstock.engine.KeySeed;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeedFileTest {
    private final SecureRandom random = new SecureRandom();

    @Test
    void isTheSameAfterARestartAndAnotherElsewhere(@TempDir Path here, @TempDir Path there) throws Exception {
        KeySeed first;
        try (DataFolder folder = DataFolder.hold(here)) {
            first = SeedFile.open(folder, random);
            assertThat(SeedFile.open(folder, random)).isEqualTo(first);
            folder.writeSecret(SeedFile.NAME, "no seed");
            assertThat(SeedFile.open(folder, random)).isNotEqualTo(first);
        }
        try (DataFolder folder = DataFolder.hold(there)) {
            assertThat(SeedFile.open(folder, random)).isNotEqualTo(first);
        }
    }
}
