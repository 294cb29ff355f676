package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalPathTest {
    private final CanonicalPath path = new CanonicalPath();

    private boolean read(String text) {
        ByteBuilder raw = new ByteBuilder(text.length()).append(text);
        return path.read(raw.array(), 0, raw.length());
    }

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a/b, /a/b",
        "/a/, /a/",
        "/.well-known/x, /.well-known/x",
        "/a/.., /",
        "/a/../, /",
        "/a/b/.., /a/",
        "/a/b/../c, /a/c",
        "/a/./b/., /a/b/",
        "/a//b///c//, /a/b/c/",
        "/a//../b, /b",
        "//.//a, /a",
        "/%7Euser/%41%2d, /~user/A-",
        "/%2e/a/%2E%2e/b, /b",
        "/a%2fb%5cc%25d, /a%2Fb%5Cc%25d",
        "/caf%c3%a9, /caf%C3%A9",
        "/a%3fb%23c%20d, /a%3Fb%23c%20d",
        "/a[1]|{x}, /a%5B1%5D%7C%7Bx%7D",
        "/..a/b../.../a.b, /..a/b../.../a.b",
        "/a;v=1/b, /a;v=1/b",
        "/a;../b, /a;../b",
        "/a%2F.b%2Fc, /a%2F.b%2Fc",
        "/%0d%0aX, /%0D%0AX"
    })
    void givesEachPathOneForm(String raw, String wanted) {
        assertThat(CanonicalPath.of(raw)).isEqualTo(wanted);
        assertThat(CanonicalPath.of(wanted)).isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "*",
                "/..",
                "/a/../..",
                "/%2e%2e/",
                "/a%",
                "/a%4",
                "/a%4g",
                "/a%%41",
                "/%00",
                "/a\\b",
                "/a#b",
                "/a b",
                "/a\u00e9",
                "/a\u007f",
                "/a/..;/b",
                "/a/.;x",
                "/a/%2e.;x/b",
                "/a/..%3Bx/b",
                "/..%2fa",
                "/a%5c..",
                "/a%2f.%2fb"
            })
    void refusesWhatTwoServersMayReadDifferently(String raw) {
        assertThat(read(raw)).isFalse();
        assertThat(path.problem()).isNotEmpty();
        assertThatThrownBy(() -> CanonicalPath.of(raw)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesATextWhoseCharactersWouldBecomeOthers() {
        // U+012F would lose its upper byte and become a slash.
        assertThatThrownBy(() -> CanonicalPath.of("/a\u012f..\u012fb")).hasMessageContaining("beyond ASCII");
    }

    @Test
    void tellsWhetherSlashesAreHidden() {
        assertThat(read("/a%2Fb") && path.hasEncodedSlash()).isTrue();
        assertThat(read("/a%5cb") && path.hasEncodedSlash()).isTrue();
        assertThat(read("/a%252fb") && path.hasEncodedSlash()).isTrue();
        assertThat(read("/a%2fb/../c") && path.hasEncodedSlash()).isTrue();
        assertThat(read("/a%20b") && !path.hasEncodedSlash()).isTrue();
        assertThat(read("/a") && !path.hasEncodedSlash()).isTrue();
    }

    @Test
    void leavesACanonicalPathWhereItIs() {
        assertThat(read("/a/b~c/d.e") && path.isUnchanged()).isTrue();
        assertThat(read("/.a") && path.isUnchanged()).isTrue();
        assertThat(read("/a%2Fb") && path.isUnchanged()).isTrue();
        assertThat(read("/a/./b") && !path.isUnchanged()).isTrue();
    }

    @Test
    void neverChangesItsOwnResult() {
        long seed = 99;
        SplittableRandom random = new SplittableRandom(seed);
        String[] parts = {"/", "/", ".", "..", "a", "%2e", "%2F", ";", "%3b", "%41", "%7e", "%25", "b", "[", "%c3"};
        int accepted = 0;
        for (int round = 0; round < 50_000; round++) {
            StringBuilder text = new StringBuilder("/");
            for (int i = random.nextInt(10); i >= 0; i--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            if (read(text.toString())) {
                accepted++;
                String once = CanonicalPath.of(text.toString());
                assertThat(CanonicalPath.of(once)).as("%s, seed %d", text, seed).isEqualTo(once);
                assertThat(once.split("/", -1)).doesNotContain(".", "..");
                assertThat(once).doesNotContain("//");
            }
        }
        assertThat(accepted).isGreaterThan(10_000);
    }
}
