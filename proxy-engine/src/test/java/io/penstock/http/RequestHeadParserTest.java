package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.metrics.Reason;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RequestHeadParserTest {
    private final RequestHeadParser parser = new RequestHeadParser(HeadLimits.DEFAULT);
    private final RequestHead head = new RequestHead();

    private int feed(String text) {
        String raw = Messages.crlf(text);
        return parser.feed(Messages.buffer(raw), 0, raw.length(), head);
    }

    @Nested
    class WhenTheHeadIsSound {
        @Test
        void tellsEverythingThatTheStartLineSays() {
            RequestHead request = Messages.request("""
                    PROPFIND /a%2Fb/../c%7e?x=1&y HTTP/1.1
                    Host: Shop.Example.:8080

                    """);

            assertThat(request.method()).isEqualTo(Method.OTHER);
            assertThat(request.methodToken()).isEqualTo("PROPFIND");
            assertThat(request.path()).isEqualTo("/c~");
            assertThat(request.hasEncodedSlash()).isTrue();
            assertThat(request.query()).isEqualTo("x=1&y");
            assertThat(request.host()).isEqualTo("shop.example");
            assertThat(request.port()).isEqualTo(8080);
            assertThat(request.authority()).isEqualTo("Shop.Example.:8080");
        }

        @Test
        void takesTheBytesOfTheHeadAndNotOneMore() {
            String first = Messages.crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\n");

            assertThat(feed("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhelloGET /"))
                    .isEqualTo(first.length());
            assertThat(parser.state()).isEqualTo(ParseState.COMPLETE);
            assertThat(head.contentLength()).isEqualTo(5);
        }

        @Test
        void readsOneHeadAfterAnotherIntoTheSameMemory() {
            feed("POST /a?b HTTP/1.0\nHost: A\nContent-Length: 5\nConnection: keep-alive\n\n");
            parser.reset();
            feed("GET /c HTTP/1.1\nHost: d\n\n");

            assertThat(Feeding.describe(head))
                    .isEqualTo(Feeding.describe(Messages.request("GET /c HTTP/1.1\nHost: d\n\n")));
        }

        @Test
        void saysWhetherAnyByteOfAHeadHasCome() {
            assertThat(parser.hasBegun()).isFalse();
            feed("G");

            assertThat(parser.hasBegun()).isTrue();
        }

        @Test
        void wantsToBeResetBeforeTheNextHead() {
            feed("GET /c HTTP/1.1\nHost: d\n\n");

            assertThatThrownBy(() -> feed("GET")).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void keepsAnHttp10ConnectionOnlyWhenAsked() {
            assertThat(Messages.request("GET / HTTP/1.0\n\n").isKeepAlive()).isFalse();
            assertThat(Messages.request("GET / HTTP/1.0\nConnection: Keep-Alive\n\n")
                            .isKeepAlive())
                    .isTrue();
            assertThat(Messages.request("GET / HTTP/1.1\nHost: a\n\n").isKeepAlive())
                    .isTrue();
            assertThat(Messages.request("GET / HTTP/1.1\nHost: a\nConnection: keep-alive, CLOSE\n\n")
                            .isKeepAlive())
                    .isFalse();
        }

        @Test
        void ignoresExpectAndUpgradeOfAnHttp10Client() {
            RequestHead request = Messages.request("""
                    GET / HTTP/1.0
                    Expect: 100-continue
                    Connection: upgrade
                    Upgrade: websocket

                    """);

            assertThat(request.expectsContinue()).isFalse();
            assertThat(request.isUpgrade()).isFalse();
        }

        @Test
        void doesNotOfferAnUpgradeToHttp2InClear() {
            assertThat(Messages.request("""
                    GET / HTTP/1.1
                    Host: a
                    Connection: upgrade
                    Upgrade: websocket, H2C

                    """).isUpgrade()).isFalse();
        }

        @Test
        void takesAHeadOfExactlyTheLimit() {
            HeadLimits limits = new HeadLimits(100, 3);
            String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
            String text = start + "v".repeat(100 - start.length() - 4) + "\r\n\r\n";
            RequestHeadParser narrow = new RequestHeadParser(limits);

            narrow.feed(Messages.buffer(text), 0, 100, head);

            assertThat(text).hasSize(100);
            assertThat(narrow.state()).isEqualTo(ParseState.COMPLETE);
        }
    }

    @Nested
    class WhenTheHeadIsRefused {
        @Test
        void saysWhatWasFoundAndWhere() {
            feed("GET / HTTP/1.1\nHost: a\nX-Env : prod\n\n");

            assertThat(parser.state()).isEqualTo(ParseState.REFUSED);
            assertThat(parser.reason()).isEqualTo(Reason.BAD_FIELD);
            assertThat(parser.detail()).isEqualTo("White space stands between the field name \"X-Env\" and the colon.");
        }

        @Test
        void neverShowsTheValueOfAnOrdinaryField() {
            feed("GET / HTTP/1.1\nHost: a\nAuthorization: Bearer se\0cret\n\n");

            assertThat(parser.detail())
                    .isEqualTo("Found NUL in the value of field \"Authorization\", octet 11 behind the colon.");
        }

        @Test
        void tellsATlsClientBeforeAnyLineEnd() {
            parser.feed(new UnsafeBuffer(new byte[] {0x16, 3, 1}), 0, 3, head);

            assertThat(parser.reason()).isEqualTo(Reason.BAD_REQUEST_LINE);
            assertThat(parser.detail()).contains("TLS handshake");
        }

        @Test
        void refusesOneByteMoreThanTheLimitWithoutWaitingForIt() {
            RequestHeadParser narrow = new RequestHeadParser(new HeadLimits(100, 3));
            String text = "GET / HTTP/1.1\r\nHost: a\r\nX: " + "v".repeat(200);

            int taken = narrow.feed(Messages.buffer(text), 0, text.length(), head);

            assertThat(taken).isEqualTo(100);
            assertThat(narrow.reason()).isEqualTo(Reason.HEAD_TOO_LARGE);
        }
    }

    @Nested
    class WhenAHeadTricklesIn {
        @Test
        void looksAtEachByteOnceForItsLineEnd() {
            // 64 KiB byte by byte: judged anew with each byte it would be two thousand million steps.
            byte[] value = Messages.bytes("GET / HTTP/1.1\r\nHost: a\r\nX: " + "v".repeat(65_000) + "\r\n\r\n");
            UnsafeBuffer buffer = new UnsafeBuffer(value);

            for (int i = 0; i < value.length; i++) {
                parser.feed(buffer, i, 1, head);
            }

            assertThat(parser.state()).isEqualTo(ParseState.COMPLETE);
        }
    }
}
