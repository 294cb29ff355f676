package io.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ValueTextTest {
    @Test
    void writesEveryValueInItsCanonicalText() {
        Map<Class<?>, List<String>> canonical = Map.of(
                Duration.class, List.of("0s", "250ms", "5s", "1m", "90s", "2h", "7d"),
                ByteSize.class, List.of("0B", "512B", "1000B", "64KiB", "10MiB", "16GiB", "1TiB"),
                Rate.class, List.of("100/s", "6000/m", "1/h", "7/d"),
                Share.class, List.of("0%", "0.5%", "20%", "33.33%", "100%"),
                HostPort.class, List.of("10.0.0.7:8080", "orders.internal:80", "[2001:db8::1]:443", "_srv.x:1"),
                ListenAddress.class, List.of("0.0.0.0:80", "[::]:443", "127.0.0.1:0", "unix:/run/penstock.sock"),
                Cidr.class, List.of("10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.168.1.7/32"),
                HostHeader.class, List.of("preserve", "target", "orders.internal", "orders:81"),
                Protocol.class, List.of("http", "https", "tcp", "tls"),
                ClientAddressSource.class, List.of("peer", "xForwardedFor", "forwarded"));

        canonical.forEach((type, texts) -> assertThat(texts)
                .allSatisfy(text -> assertThat(ValueText.format(ValueText.parse(type, text)))
                        .isEqualTo(text)));
    }

    @Test
    void bringsOtherSpellingsIntoTheCanonicalOne() {
        assertThat(DurationText.format(DurationText.parse("60s"))).isEqualTo("1m");
        assertThat(ByteSize.parse("1024")).hasToString("1KiB");
        assertThat(HostPort.parse("Orders.Internal.:80")).hasToString("orders.internal:80");
        assertThat(HostPort.parse("[2001:DB8:0:0:0:0:0:1]:80")).hasToString("[2001:db8::1]:80");
        assertThat(ListenAddress.parse("localhost:80")).hasToString("127.0.0.1:80");
        assertThat(Cidr.parse("::ffff:10.0.0.1")).hasToString("10.0.0.1/32");
    }

    @Test
    void saysOfANumberThatIsTooLargeHowLargeItMayBe() {
        String digits = "9".repeat(30);

        assertThatThrownBy(() -> ValueText.parse(Rate.class, digits + "/s")).hasMessageContaining("1 to 1000000000");
        assertThatThrownBy(() -> ValueText.parse(Rate.class, "5000000000000/s"))
                .hasMessageContaining("1 to 1000000000");
        assertThatThrownBy(() -> ValueText.parse(ByteSize.class, digits)).hasMessageContaining("less than 8388608TiB");
        assertThatThrownBy(() -> ValueText.parse(Duration.class, digits + "s")).hasMessageContaining("at most 36500d");
        assertThatThrownBy(() -> ValueText.parse(int.class, "2147483648"))
                .hasMessageContaining("one from -2147483648 to 2147483647");
        assertThatThrownBy(() -> ValueText.parse(long.class, digits)).hasMessageContaining("to 9223372036854775807");
        assertThatThrownBy(() -> ValueText.parse(int.class, "1.5")).hasMessageContaining("wanted a whole number");
    }

    @Test
    void refusesWhatIsNoValueAndSaysWhatIsWanted() {
        Map<Class<?>, List<String>> wrong = Map.of(
                Duration.class, List.of("", "5", "5 s", "-1s", "1.5s", "5S", "999999999999999999d", "1m30s"),
                ByteSize.class, List.of("", "64KB", "64 KiB", "-1B", "9999999TiB", "999999999999999999GiB"),
                Rate.class, List.of("", "100", "0/s", "100/5s", "1.5/s", "9999999999/s"),
                Share.class, List.of("", "20", "101%", "-1%", "0.001%"),
                HostPort.class,
                        List.of(
                                "",
                                "host",
                                ":80",
                                "host:0",
                                "host:65536",
                                "host:x",
                                "10.0.0.300:80",
                                "a b:80",
                                "::1:80",
                                "[x]:80",
                                "unix:/x",
                                "user@host:80"),
                ListenAddress.class,
                        List.of("", "80", "example.com:80", "0.0.0.0:65536", "unix:x", "unix:", "unix:/a/../b"),
                Cidr.class,
                        List.of(
                                "",
                                "10.0.0.0/33",
                                "10.0.0.1/8",
                                "10.0.0/8",
                                "010.0.0.0/8",
                                "::/129",
                                "host/8",
                                "fe80::1%eth0/64"),
                HostHeader.class, List.of("", "a b", "a\r\nX: y"),
                Protocol.class, List.of("", "HTTP", "htp"));

        wrong.forEach((type, texts) -> assertThat(texts)
                .allSatisfy(text -> assertThatThrownBy(() -> ValueText.parse(type, text))
                        .as("%s %s", type.getSimpleName(), text)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("found")
                        .hasMessageContaining("wanted")));
    }

    @Test
    void guessesTheWordThatWasMeant() {
        assertThatThrownBy(() -> ValueText.parse(ClientAddressSource.class, "xForwardFor"))
                .hasMessage("found \"xForwardFor\", wanted one of \"peer\", \"xForwardedFor\", \"forwarded\";"
                        + " did you mean \"xForwardedFor\"?");
    }

    @Test
    void neverShowsControlCharactersOrLongTextsWhole() {
        assertThat(ValueText.shown("a\r\nb")).isEqualTo("a??b");
        assertThat(ValueText.shown("x".repeat(1000))).hasSize(83);
    }

    @Test
    void saysWhichBlockWasMeantWhenBitsStandBehindThePrefix() {
        assertThatThrownBy(() -> Cidr.parse("10.1.2.3/8")).hasMessageContaining("wanted 10.0.0.0/8");
    }

    @Test
    void findsAddressesInBlocksByTheirBytes() {
        Cidr v4 = Cidr.parse("10.0.0.0/9");
        Cidr v6 = Cidr.parse("2001:db8:8000::/33");

        assertThat(v4.contains(address("10.127.255.255"))).isTrue();
        assertThat(v4.contains(address("10.128.0.0"))).isFalse();
        assertThat(v4.contains(new byte[] {0, 10, 1, 1, 1, 0}, 1, 4)).isTrue();
        assertThat(v4.contains(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 1, 1}))
                .isTrue();
        assertThat(v4.contains(address("2001:db8::1"))).isFalse();
        assertThat(v6.contains(address("2001:db8:8000::1"))).isTrue();
        assertThat(v6.contains(address("2001:db8:7fff::1"))).isFalse();
        assertThat(Cidr.parse("::/0").contains(address("10.0.0.1"))).isFalse();
        assertThat(Cidr.parse("0.0.0.0/0").contains(address("1.2.3.4"))).isTrue();
        assertThat(v4.contains(new byte[5])).isFalse();
        assertThat(Cidr.parse("10.0.0.0/8").covers(v4)).isTrue();
        assertThat(v4.covers(Cidr.parse("10.0.0.0/8"))).isFalse();
    }

    @Test
    void seesWhichAddressesCannotBeListenedOnTogether() {
        assertThat(overlap("0.0.0.0:80", "127.0.0.1:80")).isTrue();
        assertThat(overlap("[::]:80", "127.0.0.1:80")).isTrue();
        assertThat(overlap("127.0.0.1:80", "127.0.0.1:80")).isTrue();
        assertThat(overlap("0.0.0.0:80", "[::1]:80")).isFalse();
        assertThat(overlap("127.0.0.1:80", "127.0.0.2:80")).isFalse();
        assertThat(overlap("0.0.0.0:80", "0.0.0.0:81")).isFalse();
        assertThat(overlap("127.0.0.1:0", "127.0.0.1:0")).isFalse();
        assertThat(overlap("unix:/a", "unix:/a")).isTrue();
    }

    private static boolean overlap(String one, String other) {
        boolean answer = ListenAddress.parse(one).overlaps(ListenAddress.parse(other));
        assertThat(ListenAddress.parse(other).overlaps(ListenAddress.parse(one)))
                .isEqualTo(answer);
        return answer;
    }

    private static byte[] address(String text) {
        return IpAddress.of(text).orElseThrow().bytes();
    }
}
