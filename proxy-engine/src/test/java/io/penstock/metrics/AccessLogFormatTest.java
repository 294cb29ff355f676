package io.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class AccessLogFormatTest {
    private final AccessRecord record = new AccessRecord(2048);

    {
        record.clear();
    }

    @Test
    void writesEveryMemberOfAFullRecordAsJson() {
        fill();

        assertThat(line("json"))
                .isEqualTo("{\"time\":\"2026-10-10T13:55:36.000042Z\",\"requestId\":\"01J0000000000000000000000A\","
                        + "\"clientAddress\":\"10.1.2.3\",\"method\":\"GET\",\"host\":\"shop.example\",\"path\":\"/orders/7\","
                        + "\"query\":\"a=1\",\"protocol\":\"HTTP/1.1\",\"status\":503,\"reason\":\"no-endpoint\",\"bytesIn\":12,"
                        + "\"bytesOut\":3456,\"durationUs\":1500,\"upstreamUs\":1200,\"tries\":2,\"listener\":\"web\","
                        + "\"route\":\"orders\",\"upstream\":\"orders\",\"endpoint\":\"10.0.0.7:8080\","
                        + "\"userAgent\":\"curl/8\",\"referer\":\"https://a.example/\"}\n");
    }

    @Test
    void leavesOutWhatIsAbsentFromJson() {
        record.status(200);

        assertThat(line("json"))
                .isEqualTo("{\"time\":\"1970-01-01T00:00:00.000000Z\",\"status\":200,\"bytesIn\":0,\"bytesOut\":0,"
                        + "\"durationUs\":0,\"tries\":0}\n");
    }

    @Test
    void writesTheCombinedFormat() {
        fill();

        assertThat(line("common"))
                .isEqualTo("10.1.2.3 - - [10/Oct/2026:13:55:36 +0000] \"GET /orders/7?a=1 HTTP/1.1\" 503 3456"
                        + " \"https://a.example/\" \"curl/8\"\n");
    }

    @Test
    void writesADashForWhatIsAbsentFromATemplate() {
        assertThat(line("{clientAddress} {target} {reason} {upstreamUs} {truncated}"))
                .isEqualTo("- - - - -\n");
    }

    @Test
    void takesDoubledBracesAsBraces() {
        record.status(204);

        assertThat(line("{{{status}}}")).isEqualTo("{204}\n");
    }

    @Test
    void saysThatATextWasCut() {
        byte[] huge = new byte[AccessText.PATH.bytesMax() + 1];
        Arrays.fill(huge, (byte) 'a');
        record.text(AccessText.PATH, huge);

        assertThat(line("{truncated}")).isEqualTo("true\n");
        assertThat(line("{path}")).hasSize(AccessText.PATH.bytesMax() + 1);
    }

    @Test
    void writesAddressesInTheirCanonicalForm() {
        assertThat(address(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)).isEqualTo("2001:db8::1");
        assertThat(address(0, 0, 0, 0, 0, 0, 0, 0)).isEqualTo("::");
        assertThat(address(0, 0, 0, 0, 0, 0, 0, 1)).isEqualTo("::1");
        assertThat(address(0xfe80, 0, 0, 0, 0, 0, 0, 0)).isEqualTo("fe80::");
        assertThat(address(1, 0, 0, 2, 0, 0, 0, 3)).isEqualTo("1:0:0:2::3");
        assertThat(address(1, 0, 3, 4, 5, 6, 7, 0xabcd)).isEqualTo("1:0:3:4:5:6:7:abcd");
    }

    @Test
    void refusesATemplateThatCannotBeRead() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AccessLogFormat.parse("{stauts}"))
                .withMessageContaining("stauts")
                .withMessageContaining("status");
        assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.parse("{status"));
        assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.parse("jsn"));
        assertThatIllegalArgumentException().isThrownBy(() -> AccessLogFormat.parse("{status}\n{path}"));
    }

    @Nested
    class WhenBytesAreHostile {
        @Test
        void escapesThemForJson() {
            text(AccessText.USER_AGENT, "a\"b\\c\r\n\t\0\u007f\u0085é€😀");

            assertThat(line("json"))
                    .contains("\"userAgent\":\"a\\\"b\\\\c\\u000d\\u000a\\u0009\\u0000\\u007f\\u0085é€😀\"");
        }

        @Test
        void replacesWhatIsNotUtf8InJson() {
            record.text(AccessText.USER_AGENT, new byte[] {(byte) 0xc3, '"', (byte) 0xff, (byte) 0xe2, (byte) 0x82});

            assertThat(line("json")).contains("\"userAgent\":\"\\ufffd\\\"\\ufffd\\ufffd\\ufffd\"");
        }

        @Test
        void escapesThemForLinesOfFields() {
            text(AccessText.USER_AGENT, "a\" 200 \"\n10.0.0.1 - - é\\");

            assertThat(line("{userAgent}|")).isEqualTo("a\\x22 200 \\x22\\x0a10.0.0.1 - - \\xc3\\xa9\\x5c|\n");
        }

        @Test
        void neverLetsAnyBytesEndALineOrAString() {
            Random random = new Random(4711);
            byte[] bytes = new byte[64];
            for (int i = 0; i < 2_000; i++) {
                random.nextBytes(bytes);
                record.clear();
                record.text(AccessText.PATH, bytes).text(AccessText.REFERER, bytes);

                for (String format : new String[] {"json", "common", "{path}"}) {
                    String line = line(format);
                    assertThat(line.substring(0, line.length() - 1).chars()).allMatch(c -> c >= 0x20 && c != 0x7f);
                }
                String json = line("json");
                assertThat(json.replaceAll("\\\\.", "")
                                .chars()
                                .filter(c -> c == '"')
                                .count())
                        .isEqualTo(22);
            }
        }
    }

    private void fill() {
        record.started(1_791_640_536_000_042L)
                .duration(1_500_999)
                .upstreamDuration(1_200_000)
                .transferred(12, 3456)
                .status(503)
                .tries(2)
                .reason(Reason.NO_ENDPOINT);
        text(AccessText.REQUEST_ID, "01J0000000000000000000000A");
        record.text(AccessText.CLIENT_ADDRESS, new byte[] {10, 1, 2, 3});
        text(AccessText.METHOD, "GET");
        text(AccessText.HOST, "shop.example");
        text(AccessText.PATH, "/orders/7");
        text(AccessText.QUERY, "a=1");
        text(AccessText.PROTOCOL, "HTTP/1.1");
        text(AccessText.LISTENER, "web");
        text(AccessText.ROUTE, "orders");
        text(AccessText.UPSTREAM, "orders");
        text(AccessText.ENDPOINT, "10.0.0.7:8080");
        text(AccessText.USER_AGENT, "curl/8");
        text(AccessText.REFERER, "https://a.example/");
    }

    private void text(AccessText text, String value) {
        record.text(text, value.getBytes(StandardCharsets.UTF_8));
    }

    private String address(int... groups) {
        byte[] raw = new byte[16];
        for (int i = 0; i < 8; i++) {
            raw[2 * i] = (byte) (groups[i] >> 8);
            raw[2 * i + 1] = (byte) groups[i];
        }
        record.clear();
        record.text(AccessText.CLIENT_ADDRESS, raw);
        return line("{clientAddress}").trim();
    }

    private String line(String format) {
        LineBuffer into = new LineBuffer();
        AccessLogFormat.parse(format).write(record, new AccessTimes(), into);
        return new String(into.bytes(), 0, into.length(), StandardCharsets.UTF_8);
    }
}
