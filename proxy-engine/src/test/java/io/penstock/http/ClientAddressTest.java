package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.http.ClientAddress.Source;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {
    private static final TrustedPeers TRUSTED = TrustedPeers.of(List.of("10.0.0.0/8", "fd00::/8", "192.0.2.1"));

    private final ClientAddress client = new ClientAddress();

    private static byte[] address(String text) {
        byte[] address = new byte[AddressText.BYTES];
        byte[] bytes = Messages.bytes(text);
        assertThat(AddressText.parse(bytes, 0, bytes.length, address)).isTrue();
        return address;
    }

    private static String text(byte[] address) {
        ByteBuilder out = new ByteBuilder(AddressText.TEXT_MAX);
        AddressText.append(address, out);
        return out.toString();
    }

    private String resolve(Source source, String peer, String fields) {
        client.resolve(source, TRUSTED, address(peer), Messages.request("GET / HTTP/1.1\nHost: a\n" + fields + "\n"));
        return text(client.address());
    }

    @Nested
    class WithForwardedFor {
        @Test
        void believesNothingOfAPeerThatIsNotTrusted() {
            assertThat(resolve(Source.X_FORWARDED_FOR, "198.51.100.7", "X-Forwarded-For: 1.1.1.1\n"))
                    .isEqualTo("198.51.100.7");
            assertThat(client.isPeerTrusted()).isFalse();
        }

        @Test
        void takesTheLastAddressThatIsNotTrusted() {
            assertThat(resolve(Source.X_FORWARDED_FOR, "10.0.0.1", "X-Forwarded-For: 6.6.6.6, 1.1.1.1 ,10.2.3.4\n"))
                    .isEqualTo("1.1.1.1");
        }

        @Test
        void readsSeveralLinesAsOneList() {
            assertThat(resolve(
                            Source.X_FORWARDED_FOR,
                            "10.0.0.1",
                            "X-Forwarded-For: 1.1.1.1\nX-A: b\nX-Forwarded-For: 10.2.3.4\n"))
                    .isEqualTo("1.1.1.1");
        }

        @Test
        void takesTheFirstWhereAllAreTrusted() {
            assertThat(resolve(Source.X_FORWARDED_FOR, "10.0.0.1", "X-Forwarded-For: 10.9.9.9, fd00::1\n"))
                    .isEqualTo("10.9.9.9");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "unknown",
                    "1.1.1.1.1",
                    "01.1.1.1",
                    "1.1.1.256",
                    "[::1",
                    "::1%eth0",
                    "a:b",
                    "1.1.1.1:x",
                    "\"1.1.1.1\""
                })
        void stopsAtWhatIsNoAddress(String element) {
            assertThat(resolve(
                            Source.X_FORWARDED_FOR,
                            "10.0.0.1",
                            "X-Forwarded-For: 1.2.3.4, " + element + ", 10.0.0.2\n"))
                    .isEqualTo("10.0.0.2");
        }

        @Test
        void understandsPortsAndBrackets() {
            assertThat(resolve(Source.X_FORWARDED_FOR, "10.0.0.1", "X-Forwarded-For: 1.1.1.1:4711\n"))
                    .isEqualTo("1.1.1.1");
            assertThat(resolve(Source.X_FORWARDED_FOR, "10.0.0.1", "X-Forwarded-For: [2001:db8::1]:80\n"))
                    .isEqualTo("2001:db8::1");
            assertThat(resolve(Source.X_FORWARDED_FOR, "10.0.0.1", "X-Forwarded-For: 2001:db8::1\n"))
                    .isEqualTo("2001:db8::1");
        }

        @Test
        void endsAtAnEmptyElement() {
            assertThat(resolve(Source.X_FORWARDED_FOR, "10.0.0.1", "X-Forwarded-For: 1.1.1.1,\n"))
                    .isEqualTo("10.0.0.1");
        }

        @Test
        void isNotAskedWhereThePeerCounts() {
            assertThat(resolve(Source.PEER, "10.0.0.1", "X-Forwarded-For: 1.1.1.1\n"))
                    .isEqualTo("10.0.0.1");
            assertThat(client.isPeerTrusted()).isTrue();
        }
    }

    @Nested
    class WithForwarded {
        @Test
        void readsTheForPairOfEachElement() {
            assertThat(resolve(
                            Source.FORWARDED,
                            "10.0.0.1",
                            "Forwarded: for=6.6.6.6, proto=https; For=\"[2001:db8::7]:4711\";by=x, for=10.1.1.1\n"))
                    .isEqualTo("2001:db8::7");
        }

        @Test
        void stopsAtAnElementWithoutAnAddress() {
            assertThat(resolve(Source.FORWARDED, "10.0.0.1", "Forwarded: for=1.1.1.1, for=_hidden, for=10.1.1.1\n"))
                    .isEqualTo("10.1.1.1");
            assertThat(resolve(Source.FORWARDED, "10.0.0.1", "Forwarded: for=1.1.1.1, proto=http\n"))
                    .isEqualTo("10.0.0.1");
        }
    }

    @Nested
    class Addresses {
        @ParameterizedTest
        @CsvSource({
            "127.0.0.1, 127.0.0.1",
            "255.255.255.255, 255.255.255.255",
            "::, ::",
            "::1, ::1",
            "1::, 1::",
            "2001:DB8:0:0:8:800:200C:417A, 2001:db8::8:800:200c:417a",
            "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
            "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
            "1:0:0:2:0:0:3:4, 1::2:0:0:3:4",
            "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
            "::ffff:10.0.0.1, 10.0.0.1",
            "64:ff9b::192.0.2.33, 64:ff9b::c000:221"
        })
        void haveOneText(String written, String canonical) {
            assertThat(text(address(written))).isEqualTo(canonical);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "", "1", "1.2.3", "1.2.3.4.", ".1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4444",
                            "1..2.3",
                    ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "1:", ":1",
                            "1:2:3:4:5:6:7:8::",
                    "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1 "
                })
        void refuseEveryOtherText(String text) {
            byte[] bytes = Messages.bytes(text);

            assertThat(AddressText.parse(bytes, 0, bytes.length, new byte[16])).isFalse();
        }
    }

    @Nested
    class TrustedNetworks {
        @Test
        void containTheirAddressesAndNoOthers() {
            assertThat(TRUSTED.contains(address("10.255.0.1"))).isTrue();
            assertThat(TRUSTED.contains(address("11.0.0.1"))).isFalse();
            assertThat(TRUSTED.contains(address("192.0.2.1"))).isTrue();
            assertThat(TRUSTED.contains(address("192.0.2.2"))).isFalse();
            assertThat(TRUSTED.contains(address("fdff::1"))).isTrue();
            assertThat(TRUSTED.contains(address("fe00::1"))).isFalse();
            assertThat(TRUSTED.contains(address("::a00:1"))).isFalse();
            assertThat(TrustedPeers.of(List.of("::/0")).contains(address("1.1.1.1")))
                    .isTrue();
            assertThat(TrustedPeers.NONE.contains(address("127.0.0.1"))).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "a/8", "10.0.0/8"})
        void refuseWhatIsNoNetwork(String text) {
            assertThatThrownBy(() -> TrustedPeers.of(List.of(text)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("such as 10.0.0.0/8");
        }
    }
}
