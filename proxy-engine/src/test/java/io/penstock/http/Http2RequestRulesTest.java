package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Reason;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may become a request of those fields that come by HTTP/2, and what may not. */
final class Http2RequestRulesTest {
    private static final String GET = ":method GET|:scheme https|:authority a|:path /";
    private static final String POST = ":method POST|:scheme https|:authority a|:path /";

    private final Http2RequestRules rules = new Http2RequestRules();
    private final RequestHead head = new RequestHead();

    /** Fields as {@code name value}, one behind another. */
    private boolean read(String fields, boolean hasBody) {
        rules.begin(head, HeadLimits.DEFAULT);
        for (String field : List.of(fields.split("\\|"))) {
            int space = field.indexOf(' ');
            String name = field.substring(0, space);
            String value = field.substring(space + 1);
            int at = rules.region().length();
            rules.region().append(name).append(": ").append(value);
            rules.field(at, name.length(), at + name.length() + 2, value.length());
        }
        return rules.finish(hasBody);
    }

    private String written() {
        ByteBuilder text = new ByteBuilder(64);
        head.forwarding().clear();
        new HeadWriter(new HttpDate()).request(head, text);
        return text.toString();
    }

    @Nested
    class WhatIsAcceptable {
        @Test
        void becomesTheHeadThatHttp1WouldHaveMade() {
            assertThat(read(
                            ":method GET|:scheme https|:authority Shop.Example:8443|:path /a/../b%7e?q=1|accept */*",
                            false))
                    .isTrue();

            assertThat(head.method()).isEqualTo(Method.GET);
            assertThat(head.path()).isEqualTo("/b~");
            assertThat(head.query()).isEqualTo("q=1");
            assertThat(head.host()).isEqualTo("shop.example");
            assertThat(head.port()).isEqualTo(8443);
            assertThat(head.hasBody()).isFalse();
            assertThat(written()).startsWith("GET /b~?q=1 HTTP/1.1\r\nHost: Shop.Example:8443\r\naccept: */*\r\n");
        }

        @Test
        void hasABodyInChunksWhereNoLengthIsDeclared() {
            assertThat(read(POST, true)).isTrue();

            assertThat(head.isChunked()).isTrue();
            assertThat(written()).contains("\r\nTransfer-Encoding: chunked\r\n");
        }

        @Test
        void keepsADeclaredLength() {
            assertThat(read(POST + "|content-length 5", true)).isTrue();

            assertThat(head.isChunked()).isFalse();
            assertThat(written()).contains("\r\nContent-Length: 5\r\n").doesNotContain("content-length");
        }

        @Test
        void hasItsCookiesInOneField() {
            assertThat(read(GET + "|cookie a=1|accept x|cookie b=2|cookie c=3", false))
                    .isTrue();

            assertThat(written()).contains("\r\ncookie: a=1; b=2; c=3\r\n").containsOnlyOnce("ookie");
        }

        @Test
        void namesItsHostByEitherOfTwoFields() {
            assertThat(read(":method GET|:scheme http|:path /|host b", false)).isTrue();
            assertThat(head.host()).isEqualTo("b");
            assertThat(read(GET + "|host A:443", false)).isTrue();
            assertThat(head.host()).isEqualTo("a");
        }

        @Test
        void mayTakeTrailers() {
            assertThat(read(POST + "|te trailers", true)).isTrue();

            assertThat(head.takesTrailers()).isTrue();
        }
    }

    @Nested
    class WhatIsMalformed {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    // Pseudo-fields: missing, twice, unknown, of a response, behind a field, in upper case.
                    ":scheme http|:authority a|:path /",
                    ":method GET|:authority a|:path /",
                    ":method GET|:scheme http|:authority a",
                    ":method GET|:scheme http|:authority a|:path ",
                    ":method GET|:method GET|:scheme http|:authority a|:path /",
                    ":method GET|:scheme http|:authority a|:path /|:path /",
                    GET + "|:status 200",
                    GET + "|:unknown x",
                    GET + "|: x",
                    ":method GET|:scheme http|:authority a|accept x|:path /",
                    ":Method GET|:scheme http|:authority a|:path /",
                    // Their values.
                    ":method GE T|:scheme http|:authority a|:path /",
                    ":method |:scheme http|:authority a|:path /",
                    ":method GET|:scheme ftp|:authority a|:path /",
                    ":method GET|:scheme http|:authority a|:path a",
                    ":method GET|:scheme http|:authority a|:path http://b/",
                    ":method GET|:scheme http|:authority a|:path /a b",
                    ":method GET|:scheme http|:authority a|:path /\r\nX: y",
                    ":method GET|:scheme http|:authority a\r\nX: y|:path /",
                    ":method GET|:scheme http|:authority a|:path *",
                    // Names and values of fields.
                    GET + "|Accept x",
                    GET + "|accept: x",
                    GET + "|x\r\n x",
                    GET + "|accept x\r\nY: z",
                    GET + "|accept x\ny",
                    GET + "|accept x\0y",
                    GET + "|accept  x",
                    GET + "|accept x ",
                    // What belongs to a connection of HTTP/1.
                    GET + "|connection close",
                    GET + "|connection x",
                    GET + "|keep-alive 5",
                    GET + "|proxy-connection close",
                    GET + "|transfer-encoding chunked",
                    GET + "|upgrade websocket",
                    GET + "|te gzip",
                    GET + "|te trailers, gzip",
                    // Framing.
                    GET + "|content-length 1",
                    GET + "|content-length 0|content-length 0",
                    GET + "|content-length +0",
                    GET + "|content-length 0,0",
                    GET + "|content-length ",
                    // Imitations, and Host twice.
                    GET + "|content_length 0",
                    GET + "|host a|host a",
                    // CONNECT with what it has not.
                    ":method CONNECT|:scheme http|:authority a:80|:path /",
                    ":method CONNECT|:scheme http"
                })
        void isRefused(String fields) {
            assertThat(read(fields, false)).isFalse();
            assertThat(rules.isMalformed()).isTrue();
            assertThat(rules.reason().status()).isBetween(400, 501);
        }
    }

    @Nested
    class WhatIsOnlyUnwanted {
        private void refuses(String fields, Reason reason) {
            assertThat(read(fields, false)).isFalse();
            assertThat(rules.isMalformed()).isFalse();
            assertThat(rules.reason()).isEqualTo(reason);
        }

        @Test
        void getsItsAnswer() {
            refuses(GET + "|host b", Reason.BAD_HOST);
            refuses(GET + "|host a:80", Reason.BAD_HOST);
            refuses(":method GET|:scheme http|:path /", Reason.BAD_HOST);
            refuses(":method GET|:scheme http|:authority a b|:path /".replace(" b|", "%20b|"), Reason.BAD_HOST);
            refuses(":method GET|:scheme http|:authority u@a|:path /", Reason.BAD_HOST);
            refuses(":method GET|:scheme http|:authority a|:path /%00", Reason.BAD_PATH);
            refuses(":method GET|:scheme http|:authority a|:path /../..", Reason.BAD_PATH);
            refuses(GET + "|expect 200-ok", Reason.EXPECTATION_FAILED);
            refuses(GET + "|x y".repeat(201), Reason.HEAD_TOO_LARGE);
        }
    }
}
