package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class CookiesTest {
    private final Fields fields = new Fields();
    private final Cookies cookies = new Cookies();

    private String value(String name) {
        return cookies.find(fields, name.getBytes(StandardCharsets.US_ASCII))
                ? new String(fields.bytes(), cookies.offset(), cookies.length(), StandardCharsets.ISO_8859_1)
                : "none";
    }

    @Test
    void findsTheFirstOfAName() {
        fields.add("Cookie", "a=1; b=\"2\";c=3;a=4");
        fields.add("Cookie", "d=5=6;e=");

        assertThat(value("a")).isEqualTo("1");
        assertThat(value("b")).isEqualTo("2");
        assertThat(value("c")).isEqualTo("3");
        assertThat(value("d")).isEqualTo("5=6");
        assertThat(value("e")).isEmpty();
        assertThat(value("A")).isEqualTo("none");
    }

    @Test
    void takesNothingForAPairThatIsNone() {
        fields.add("Cookie", ";;; =x; a; \"a=1\"; ab=2; a =3; =; ;");

        assertThat(value("a")).isEqualTo("none");
        assertThat(value("b")).isEqualTo("none");
    }

    @Test
    void readsAVeryLongFieldOnce() {
        fields.add("Cookie", "a;".repeat(30_000) + " last=1");

        assertThat(value("last")).isEqualTo("1");
    }
}
