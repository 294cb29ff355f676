package io.penstock.admin.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.admin.resource.ConfigJson;
import io.penstock.admin.revision.ConfigParts;
import io.penstock.admin.store.DataFolder;
import io.penstock.admin.store.ResourceKey;
import io.penstock.admin.store.StoredConfig;
import io.penstock.admin.store.StoredResource;
import io.penstock.config.SecretConfig;
import io.penstock.config.SecretValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key and what it keeps. */
final class SecretVaultTest {
    private static final SecretValue.Given VALUE = new SecretValue.Given("open sesame");

    @TempDir
    Path temporary;

    private DataFolder folder;
    private Path keyFile;

    @BeforeEach
    void hold() throws Exception {
        folder = DataFolder.hold(temporary);
        keyFile = temporary.resolve(SecretVault.KEY_FILE);
    }

    @AfterEach
    void release() {
        folder.close();
    }

    private SecretVault open() throws VaultRefused {
        return SecretVault.open(folder, Clock.systemUTC(), new SecureRandom());
    }

    private static StoredConfig stored(SecretValue.Sealed sealed) {
        SecretConfig secret = new SecretConfig("guard", sealed, List.of(), Optional.empty(), true, Optional.empty());
        ResourceKey key = ConfigParts.key(secret);
        return new StoredConfig(1, new TreeMap<>(Map.of(key, new StoredResource(new ConfigJson().toJson(secret), 1))));
    }

    @Test
    void makesAKeyForItsOwnerAloneAtFirstNeed() throws Exception {
        SecretVault vault = open();
        assertThat(keyFile).doesNotExist();

        SecretValue.Sealed sealed = vault.seal(VALUE);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
                .isEqualTo("rw-------");
        assertThat(open().open(sealed)).isEqualTo("open sesame");
        assertThat(sealed.toString()).doesNotContain("sesame");
        assertThat(VALUE.toString()).doesNotContain("sesame");
    }

    @Test
    void givesEqualValuesDifferentFingerprints() throws Exception {
        SecretVault vault = open();

        SecretValue.Sealed one = vault.seal(VALUE);
        SecretValue.Sealed two = vault.seal(VALUE);

        assertThat(one.id()).hasSize(16).isNotEqualTo(two.id());
        assertThat(one.box()).isNotEqualTo(two.box());
    }

    @Test
    void refusesAKeyThatOthersMayRead() throws Exception {
        open().seal(VALUE);
        Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(this::open)
                .isInstanceOf(VaultRefused.class)
                .hasMessageContaining("rw-r--r--")
                .hasMessageContaining("chmod 600 " + keyFile);
    }

    @Test
    void refusesToStartWithoutTheKeyOfWhatIsStored() throws Exception {
        SecretValue.Sealed sealed = open().seal(VALUE);
        open().verify(stored(sealed), new ConfigJson());
        Files.delete(keyFile);
        SecretVault keyless = open();

        assertThatThrownBy(() -> keyless.verify(stored(sealed), new ConfigJson()))
                .isInstanceOf(VaultRefused.class)
                .hasMessageContaining("secret \"guard\"")
                .hasMessageContaining(keyFile + " is missing")
                .hasMessageContaining("Put the file back from a backup");
    }

    @Test
    void refusesToStartWithAnotherKey() throws Exception {
        SecretValue.Sealed sealed = open().seal(VALUE);
        Files.delete(keyFile);
        SecretVault other = open();
        other.seal(VALUE);

        assertThatThrownBy(() -> other.verify(stored(sealed), new ConfigJson()))
                .isInstanceOf(VaultRefused.class)
                .hasMessageContaining("is not the key that it was encrypted with");
    }

    @Test
    void refusesAFileThatHoldsNoKey() throws Exception {
        folder.writeSecret(SecretVault.KEY_FILE, "not a key\n");

        assertThatThrownBy(this::open).isInstanceOf(VaultRefused.class).hasMessageContaining("holds no key");
    }
}
