package io.penstock.transport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.transport.proxy.ProxyHeaderReader.State;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PROXY headers are read exactly, in whatever pieces they come, and nothing behind them is touched. */
final class ProxyHeaderReaderTest {
    private static final byte[] SIGNATURE = latin("\r\n\r\n\0\r\nQUIT\n");
    private static final byte[] V4 = {10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x34, 0x01, (byte) 0xbb};
    private static final byte[] BEHIND = latin("GET / HTTP/1.1\r\n");

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** A header of version 2. */
    private static byte[] binary(int command, int family, byte[]... content) {
        byte[] rest = concat(content);
        return concat(
                SIGNATURE,
                new byte[] {(byte) command, (byte) family, (byte) (rest.length >> 8), (byte) rest.length},
                rest);
    }

    private static byte[] value(int type, byte[] content) {
        return concat(new byte[] {(byte) type, (byte) (content.length >> 8), (byte) content.length}, content);
    }

    /** Feeds it whole, and in every pair of pieces, and byte by byte: all must come to the same. */
    private static ProxyHeaderReader read(byte[] header) {
        byte[] all = concat(header, BEHIND);
        UnsafeBuffer buffer = new UnsafeBuffer(all);
        ProxyHeaderReader whole = new ProxyHeaderReader();
        int taken = whole.feed(buffer, 0, all.length);
        for (int cut = 1; cut < Math.min(all.length, 300); cut++) {
            ProxyHeaderReader parts = new ProxyHeaderReader();
            int sum = parts.feed(buffer, 0, cut);
            if (parts.state() == State.PARTIAL) {
                sum += parts.feed(buffer, cut, all.length - cut);
            }
            assertThat(parts.state()).as("cut at %d", cut).isEqualTo(whole.state());
            assertThat(sum).isEqualTo(taken);
            assertThat(parts.header().source()).isEqualTo(whole.header().source());
        }
        if (whole.state() == State.COMPLETE) {
            assertThat(taken).isEqualTo(header.length);
        }
        return whole;
    }

    private static ProxyHeader header(byte[] bytes) {
        ProxyHeaderReader reader = read(bytes);
        assertThat(reader.state()).isEqualTo(State.COMPLETE);
        return reader.header();
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    @Nested
    final class OfVersion1 {
        @Test
        void namesAddressesOfBothFamilies() {
            ProxyHeader four = header(latin("PROXY TCP4 203.0.113.9 10.0.0.1 4711 443\r\n"));
            assertThat(four.source()).isEqualTo(address("203.0.113.9", 4711));
            assertThat(four.destination()).isEqualTo(address("10.0.0.1", 443));

            ProxyHeader six = header(latin("PROXY TCP6 2001:db8::9 2001:db8::1 0 65535\r\n"));
            assertThat(six.source()).isEqualTo(address("2001:db8::9", 0));
            assertThat(six.destination()).isEqualTo(address("2001:db8::1", 65_535));
        }

        @ParameterizedTest
        @ValueSource(strings = {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff:f...f:ffff 1 2 3\r\n"})
        void mayKnowNothing(String line) {
            assertThat(header(latin(line)).source()).isNull();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "PROXY TCP4 203.0.113.9 10.0.0.1 4711 443\n",
                    "PROXY TCP4 203.0.113.9 10.0.0.1 4711 443 \r\n",
                    "PROXY  TCP4 203.0.113.9 10.0.0.1 4711 443\r\n",
                    "PROXY TCP4 203.0.113.9 10.0.0.1 4711\r\n",
                    "PROXY TCP4 203.0.113.9 10.0.0.1 4711 65536\r\n",
                    "PROXY TCP4 203.0.113.9 10.0.0.1 04711 443\r\n",
                    "PROXY TCP4 203.0.113.9 10.0.0.1 -1 443\r\n",
                    "PROXY TCP4 203.0.113.256 10.0.0.1 4711 443\r\n",
                    "PROXY TCP4 203.0.0113.9 10.0.0.1 4711 443\r\n",
                    "PROXY TCP4 203.0.113 10.0.0.1 4711 443\r\n",
                    "PROXY TCP4 2001:db8::9 10.0.0.1 4711 443\r\n",
                    "PROXY TCP6 203.0.113.9 10.0.0.1 4711 443\r\n",
                    "PROXY TCP6 2001:db8::9%lo 2001:db8::1 1 2\r\n",
                    "PROXY TCP6 ::: 2001:db8::1 1 2\r\n",
                    "PROXY UDP4 203.0.113.9 10.0.0.1 4711 443\r\n",
                    "PROXY \r\n",
                    "PROXY UNKNOWNS\r\n",
                    "PROXY TCP4 localhost 10.0.0.1 4711 443\r\n"
                })
        void isRefusedWhereItIsNotExactlyOne(String line) {
            assertThat(read(latin(line)).state()).isEqualTo(State.MALFORMED);
        }

        @Test
        void isRefusedBeyondItsLength() {
            ProxyHeaderReader reader = new ProxyHeaderReader();
            byte[] endless = latin("PROXY UNKNOWN " + "x".repeat(1000));

            int taken = reader.feed(new UnsafeBuffer(endless), 0, endless.length);

            assertThat(reader.state()).isEqualTo(State.MALFORMED);
            assertThat(taken).isEqualTo(107);
        }
    }

    @Nested
    final class OfVersion2 {
        @Test
        void namesAddressesOfBothFamilies() {
            ProxyHeader four = header(binary(0x21, 0x11, V4));
            assertThat(four.source()).isEqualTo(address("10.0.0.1", 0x1234));
            assertThat(four.destination()).isEqualTo(address("10.0.0.2", 443));

            byte[] six = new byte[36];
            six[15] = 9;
            six[31] = 1;
            six[33] = 80;
            assertThat(header(binary(0x21, 0x21, six)).source()).isEqualTo(address("::9", 80));
        }

        @Test
        void leavesTheAddressesOfTheConnectionWhereItSaysNothingOfThem() {
            assertThat(header(binary(0x20, 0x00)).source()).as("LOCAL").isNull();
            assertThat(header(binary(0x20, 0x11, V4)).source())
                    .as("LOCAL with addresses")
                    .isNull();
            assertThat(header(binary(0x21, 0x00)).source()).as("UNSPEC").isNull();
            assertThat(header(binary(0x21, 0x00, value(0x04, new byte[9]))).source())
                    .isNull();
            assertThat(header(binary(0x21, 0x12, V4)).source()).as("UDP").isNull();
            assertThat(header(binary(0x21, 0x31, new byte[216])).source())
                    .as("UNIX")
                    .isNull();
        }

        @Test
        void tellsWhatStandsBehindTheAddresses() {
            byte[] tls = concat(
                    new byte[] {3, 0, 0, 0, 0},
                    value(0x21, latin("TLSv1.3")),
                    value(0x22, latin("acme")),
                    value(0x23, latin("TLS_AES_128_GCM_SHA256")),
                    value(0x2f, latin("of others")));

            ProxyHeader header = header(binary(
                    0x21,
                    0x11,
                    V4,
                    value(0x01, latin("h2")),
                    value(0x02, latin("shop.example")),
                    value(0x05, latin("id-1")),
                    value(0x20, tls),
                    value(0xe0, latin("of others"))));

            assertThat(header.alpn()).isEqualTo(latin("h2"));
            assertThat(header.authority()).isEqualTo("shop.example");
            assertThat(header.uniqueId()).isEqualTo(latin("id-1"));
            assertThat(header.tls()).isEqualTo(new ProxyHeader.Tls(true, "TLSv1.3", "acme", "TLS_AES_128_GCM_SHA256"));
        }

        @Test
        void knowsOfNoTlsWhereTheClientCameInClear() {
            assertThat(header(binary(0x21, 0x11, V4, value(0x20, new byte[] {0, 0, 0, 0, 1})))
                            .tls())
                    .isNull();
        }

        @Test
        void isBelievedByItsChecksumWhereItHasOne() {
            byte[] sound = binary(0x21, 0x11, V4, value(0x03, new byte[4]), value(0x04, new byte[5]));
            CRC32C sum = new CRC32C();
            sum.update(sound);
            for (int i = 0; i < 4; i++) {
                sound[16 + 12 + 3 + i] = (byte) (sum.getValue() >> (24 - 8 * i));
            }
            byte[] broken = sound.clone();
            broken[17]++;

            assertThat(read(sound).state()).isEqualTo(State.COMPLETE);
            assertThat(read(broken).state()).isEqualTo(State.MALFORMED);
        }

        @Test
        void isRefusedWhereItIsNotExactlyOne() {
            assertThat(read(binary(0x11, 0x11, V4)).state()).as("version 1").isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x22, 0x11, V4)).state()).as("command 2").isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x41, V4)).state()).as("family 4").isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x13, V4)).state()).as("protocol 3").isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x11, new byte[11])).state())
                    .as("short")
                    .isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x21, V4)).state()).as("short for v6").isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x11, V4, new byte[] {4, 0})).state()).isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x11, V4, new byte[] {4, 0, 2, 0})).state())
                    .isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x11, V4, value(0x20, new byte[4]))).state())
                    .isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x11, V4, value(0x20, new byte[] {1, 0, 0, 0, 0, 0x21, 0, 9})))
                            .state())
                    .isEqualTo(State.MALFORMED);
            assertThat(read(binary(0x21, 0x11, V4, value(0x05, new byte[129]))).state())
                    .isEqualTo(State.MALFORMED);
        }

        @Test
        void isRefusedBeyondItsLengthBeforeItIsRead() {
            byte[] long2 = concat(SIGNATURE, new byte[] {0x21, 0x11, (byte) 0xff, (byte) 0xff}, new byte[200]);
            ProxyHeaderReader reader = new ProxyHeaderReader();

            int taken = reader.feed(new UnsafeBuffer(long2), 0, long2.length);

            assertThat(reader.state()).isEqualTo(State.MALFORMED);
            assertThat(taken).isEqualTo(16);
        }

        @Test
        void neverFailsOtherwiseThanByRefusing() {
            long seed = 20260712;
            Random random = new Random(seed);
            byte[] sound = binary(0x21, 0x11, V4, value(0x20, concat(new byte[] {1, 0, 0, 0, 0}, value(0x21, V4))));
            for (int round = 0; round < 20_000; round++) {
                byte[] bent = sound.clone();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    bent[12 + random.nextInt(bent.length - 12)] = (byte) random.nextInt();
                }
                ProxyHeaderReader reader = new ProxyHeaderReader();
                byte[] all = concat(bent, new byte[random.nextInt(60)]);
                reader.feed(new UnsafeBuffer(all), 0, all.length);
                assertThat(reader.state())
                        .as("seed %d: %s", seed, Arrays.toString(bent))
                        .isNotEqualTo(State.ABSENT);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "\r\nGET / HTTP/1.1\r\n", "PROXX", "PRI * HTTP/2.0"
            })
    void isAbsentWhereTheConnectionBeginsOtherwise(String text) {
        ProxyHeaderReader reader = new ProxyHeaderReader();
        byte[] bytes = latin(text);
        int taken = reader.feed(new UnsafeBuffer(bytes), 0, bytes.length);

        assertThat(reader.state()).isEqualTo(State.ABSENT);
        assertThat(reader.taken()).isEqualTo(Arrays.copyOf(bytes, taken));
    }
}
