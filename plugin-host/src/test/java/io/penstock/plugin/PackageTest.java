package io.penstock.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.config.OnFailure;
import io.penstock.spi.PluginRefusedException;
import io.penstock.spi.PluginRefusedException.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PackageTest {
    private static final String MAIN = "export default { onRequest() {} };";

    private static List<Fault> faultsOf(byte[] zip) {
        PluginRefusedException refused =
                catchThrowableOfType(PluginRefusedException.class, () -> PackageReading.of(zip));
        return refused == null ? List.of() : refused.faults();
    }

    private static byte[] withEntry(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    @Nested
    class Archive {
        @Test
        void isReadWithItsFolders() throws PluginRefusedException {
            byte[] zip = PackageFixture.named("a", "1.0.0", "")
                    .main(MAIN)
                    .file("lib/x.mjs", "export const x = 1;")
                    .zip();

            assertThat(PackageReading.of(zip).scripts().files().keySet())
                    .containsExactlyInAnyOrder("plugin.json", "main.mjs", "lib/x.mjs");
        }

        @ParameterizedTest
        @ValueSource(strings = {"../x", "/x", "a/../x", "a//x", "a\\x", ".hidden", "a/.x", "C:x", "a\u0000b", "ä"})
        void hasOnlyPlainPaths(String path) throws IOException {
            assertThat(faultsOf(withEntry(path, new byte[1])))
                    .extracting(Fault::code)
                    .containsExactly("bad-path");
        }

        @Test
        void isRefusedWhenCutOffAnywhere() {
            byte[] zip = PackageFixture.named("a", "1.0.0", "").main(MAIN).zip();

            for (int length = 0; length < zip.length; length++) {
                assertThat(faultsOf(Arrays.copyOf(zip, length)))
                        .as("length %s", length)
                        .isNotEmpty();
            }
        }

        @Test
        void mayHaveAComment() {
            byte[] zip = PackageFixture.named("a", "1.0.0", "").main(MAIN).zip();
            byte[] commented = Arrays.copyOf(zip, zip.length + 5);
            commented[zip.length - 2] = 5;

            assertThat(faultsOf(commented)).isEmpty();
        }

        @Test
        void hasNothingBehindIt() {
            byte[] zip = PackageFixture.named("a", "1.0.0", "").main(MAIN).zip();

            assertThat(faultsOf(Arrays.copyOf(zip, zip.length + 1)))
                    .extracting(Fault::code)
                    .containsExactly("bad-archive");
        }

        @Test
        void hasNothingBetweenItsDirectoryAndItsEnd() {
            byte[] zip = PackageFixture.named("a", "1.0.0", "").main(MAIN).zip();
            int end = lastIndexOf(zip, 0x06054b50);
            byte[] parted = Arrays.copyOf(zip, zip.length + 3);
            System.arraycopy(zip, end, parted, end + 3, zip.length - end);

            assertThat(faultsOf(parted)).extracting(Fault::code).containsExactly("bad-archive");
        }

        @Test
        void neverBreaksTheReader() {
            byte[] zip = PackageFixture.named("a", "1.0.0", "").main(MAIN).zip();
            for (int at = 0; at < zip.length; at++) {
                for (int bits : new int[] {0xff, 0x80, 0x01}) {
                    byte[] damaged = zip.clone();
                    damaged[at] ^= (byte) bits;
                    // Whatever it says: a fault or a package, never another exception.
                    assertThat(faultsOf(damaged)).isNotNull();
                }
            }
        }

        @Test
        void isRefusedWhenItUnpacksToTooMuch() throws IOException {
            byte[] bomb = withEntry("a", new byte[PluginArchive.CONTENT_BYTES_MAX + 1]);

            assertThat(bomb.length).isLessThan(100_000);
            assertThat(faultsOf(bomb)).extracting(Fault::code).containsExactly("too-large");
        }

        @Test
        void holdsNoLinks() throws IOException {
            byte[] zip = withEntry("a", "/etc/passwd".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            int central = lastIndexOf(zip, 0x02014b50);
            zip[central + 5] = 3;
            zip[central + 41] = (byte) 0xa0;

            assertThat(faultsOf(zip)).extracting(Fault::code).containsExactly("bad-entry");
        }

        private static int lastIndexOf(byte[] zip, int signature) {
            java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(zip).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            for (int at = zip.length - 4; at >= 0; at--) {
                if (buffer.getInt(at) == signature) {
                    return at;
                }
            }
            throw new AssertionError();
        }
    }

    @Nested
    class ManifestText {
        @Test
        void tellsEveryFaultAtOnce() {
            byte[] zip = new PackageFixture().file("plugin.json", """
                            {"name": "Not Good", "version": "1.0", "api": 2, "entry": "gone.mjs", "color": "red",
                             "limits": {"cpuMs": 0, "speed": 1}, "onFailure": "maybe",
                             "permissions": {"fetch": ["https://a.example/path"]}, "requires": ["x"],
                             "configSchema": {"type": "nonsense"}}
                            """).zip();

            assertThat(faultsOf(zip))
                    .extracting(Fault::where)
                    .contains(
                            "plugin.json#/name",
                            "plugin.json#/version",
                            "plugin.json#/api",
                            "plugin.json#/entry",
                            "plugin.json#/color",
                            "plugin.json#/limits/cpuMs",
                            "plugin.json#/limits/speed",
                            "plugin.json#/onFailure",
                            "plugin.json#/permissions/fetch/0",
                            "plugin.json#/requires/0",
                            "plugin.json#/configSchema/type");
        }

        @Test
        void hasDefaults() throws PluginRefusedException {
            Manifest manifest = PackageReading.of(
                            PackageFixture.named("a", "1.0.0", "").main(MAIN).zip())
                    .manifest();

            assertThat(manifest.limits()).isEqualTo(Manifest.Limits.DEFAULT);
            assertThat(manifest.onFailure()).isEqualTo(OnFailure.CLOSED);
            assertThat(manifest.permissions().fetch()).isEmpty();
        }

        @Test
        void isRefusedWithAMemberTwice() {
            byte[] zip = PackageFixture.named("a", "1.0.0", "\"name\": \"b\"")
                    .main(MAIN)
                    .zip();

            assertThatThrownBy(() -> PackageReading.of(zip)).hasMessageContaining("uplicate");
        }

        @ParameterizedTest
        @CsvSource({
            "https://Api.Example:443, https://api.example",
            "http://h:80, http://h",
            "http://h:8080, http://h:8080",
            "https://[::1]:9, https://[::1]:9",
            "https://h/, ''",
            "ftp://h, ''",
            "h, ''",
            "https://u@h, ''",
            "https://*, ''"
        })
        void takesOriginsOnly(String text, String origin) {
            assertThat(ManifestReader.origin(text)).isEqualTo(origin == null ? "" : origin);
        }
    }

    @Nested
    class Version {
        @ParameterizedTest
        @CsvSource({
            "1.0.0-alpha, 1.0.0-alpha.1",
            "1.0.0-alpha.1, 1.0.0-beta",
            "1.0.0-2, 1.0.0-11",
            "1.0.0-rc.1, 1.0.0",
            "1.9.0, 1.10.0"
        })
        void isOrdered(String lower, String higher) {
            assertThat(SemVer.parse(lower)).isLessThan(SemVer.parse(higher));
        }

        @ParameterizedTest
        @ValueSource(strings = {"1", "1.0", "01.0.0", "1.0.0-01", "v1.0.0", "1.0.0-", "1.0.0.0", "-1.0.0"})
        void isRefusedInOtherForms(String text) {
            assertThat(SemVer.isValid(text)).isFalse();
        }
    }
}
