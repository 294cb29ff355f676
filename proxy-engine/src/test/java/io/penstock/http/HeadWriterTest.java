package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.metrics.Reason;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class HeadWriterTest {
    private final HttpDate date = new HttpDate();
    private final HeadWriter writer = new HeadWriter(date);
    private final ByteBuilder out = new ByteBuilder(64);

    private String written(RequestHead head) {
        writer.request(head, out);
        return out.toString();
    }

    private String written(ResponseHead head, Persistence persistence) {
        writer.response(head, persistence, out);
        return out.toString();
    }

    @Nested
    class Requests {
        @Test
        void writesTheCanonicalPathTheQueryAsReceivedAndTheFieldsInTheirOrder() {
            RequestHead head = Messages.request("""
                    GET /a/./b%7e?q=%7e HTTP/1.1
                    Host: Shop.Example:8080
                    User-Agent:  curl
                    Accept: */*

                    """);

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET /a/b~?q=%7e HTTP/1.1
                    Host: Shop.Example:8080
                    User-Agent: curl
                    Accept: */*
                    X-Forwarded-Proto: http
                    X-Forwarded-Host: Shop.Example:8080

                    """));
        }

        @Test
        void leavesOutWhatIsForThisHopAndWhatConnectionNames() {
            RequestHead head = Messages.request("""
                    GET / HTTP/1.1
                    Host: a
                    Connection: keep-alive, X-Own, cookie
                    Keep-Alive: 5
                    Proxy-Connection: close
                    Proxy-Foo: 1
                    Proxy: evil
                    TE: gzip
                    X-Own: 1
                    Cookie: c
                    Upgrade: websocket
                    HTTP2-Settings: x
                    X-Penstock-Reason: y
                    X-Keep: 2

                    """);

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET / HTTP/1.1
                    Host: a
                    Cookie: c
                    X-Keep: 2
                    X-Forwarded-Proto: http
                    X-Forwarded-Host: a

                    """));
        }

        @Test
        void makesForwardingFieldsAnewForAPeerThatIsNotTrusted() {
            RequestHead head = Messages.request("""
                    GET / HTTP/1.1
                    Host: a
                    X-Forwarded-For: 1.1.1.1
                    X-Forwarded-Proto: https
                    X-Forwarded-Host: evil
                    X-Forwarded-Port: 1
                    Forwarded: for=1.1.1.1
                    X-Request-Id: mine
                    Via: 1.0 other

                    """);
            head.forwarding()
                    .peer(Messages.bytes("10.0.0.9"), 8)
                    .requestId(Messages.bytes("01ABC"), 0, 5)
                    .via(true)
                    .forwarded(true);

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET / HTTP/1.1
                    Host: a
                    Via: 1.0 other
                    X-Forwarded-For: 10.0.0.9
                    X-Forwarded-Proto: http
                    X-Forwarded-Host: a
                    Forwarded: for=10.0.0.9;proto=http;host="a"
                    X-Request-Id: 01ABC
                    Via: 1.1 penstock

                    """));
        }

        @Test
        void appendsToWhatATrustedPeerSays() {
            RequestHead head = Messages.request("""
                    GET / HTTP/1.1
                    Host: a
                    X-Forwarded-For: 1.1.1.1
                    X-Forwarded-For: 2.2.2.2
                    X-Forwarded-Proto: https
                    X-Forwarded-Host: b
                    X-Forwarded-Port: 1
                    Forwarded: for=1.1.1.1

                    """);
            head.forwarding().peer(Messages.bytes("10.0.0.9"), 8).peerTrusted(true);

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET / HTTP/1.1
                    Host: a
                    X-Forwarded-Proto: https
                    X-Forwarded-Host: b
                    X-Forwarded-Port: 1
                    X-Forwarded-For: 1.1.1.1, 2.2.2.2, 10.0.0.9
                    Forwarded: for=1.1.1.1

                    """));
        }

        @Test
        void quotesAnIpv6AddressInForwarded() {
            RequestHead head = Messages.request("""
                    GET / HTTP/1.1
                    Host: a
                    Forwarded: for=1.1.1.1

                    """);
            head.forwarding()
                    .peer(Messages.bytes("2001:db8::1"), 11)
                    .peerTrusted(true)
                    .forwarded(true)
                    .secure(true);

            assertThat(written(head)).contains(Messages.crlf("""

                    Forwarded: for=1.1.1.1, for="[2001:db8::1]";proto=https;host="a"
                    """)).contains(Messages.crlf("""

                    X-Forwarded-Proto: https
                    """));
        }

        @Test
        void letsAFilterHaveTheLastWordOnFieldsThatAreMadeAnew() {
            RequestHead head = Messages.request("""
                    GET / HTTP/1.1
                    Host: a
                    X-Forwarded-Proto: ftp

                    """);
            head.forwarding().peer(Messages.bytes("10.0.0.9"), 8);
            head.fields().set("X-Forwarded-Proto", "https");
            head.fields().set("X-Forwarded-For", "unknown");

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET / HTTP/1.1
                    Host: a
                    X-Forwarded-Proto: https
                    X-Forwarded-For: unknown
                    X-Forwarded-Host: a

                    """));
        }

        @Test
        void neverTakesFramingFromAnEditedField() {
            RequestHead head = Messages.request("""
                    POST / HTTP/1.1
                    Host: a
                    Content-Length: 007

                    """);
            head.fields().add("Content-Length", "9");
            head.fields().add("Transfer-Encoding", "chunked");
            head.fields().add("Host", "b");
            head.fields().add("Connection", "close");

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    POST / HTTP/1.1
                    Host: a
                    X-Forwarded-Proto: http
                    X-Forwarded-Host: a
                    Content-Length: 7

                    """));
        }

        @Test
        void writesChunkedTheExpectationAndTheWishForTrailers() {
            RequestHead head = Messages.request("""
                    POST / HTTP/1.1
                    Host: a
                    Transfer-Encoding: CHUNKED
                    Expect: 100-Continue
                    Connection: TE
                    TE: deflate, Trailers

                    """);
            head.forwarding().expectContinue(head.expectsContinue());

            assertThat(written(head)).endsWith(Messages.crlf("""
                    Transfer-Encoding: chunked
                    Expect: 100-continue
                    Connection: TE
                    TE: trailers

                    """));
        }

        @Test
        void passesAnUpgradeOnOnlyWhenTold() {
            RequestHead head = Messages.request("""
                    GET /chat HTTP/1.1
                    Host: a
                    Connection: Upgrade
                    Upgrade: websocket

                    """);
            head.forwarding().upgrade(true);

            assertThat(head.isUpgrade()).isTrue();
            assertThat(written(head)).endsWith(Messages.crlf("""
                    Connection: upgrade
                    Upgrade: websocket

                    """));
        }

        @Test
        void writesTheRewrittenPathAndHostButForwardsTheReceivedHost() {
            RequestHead head = Messages.request("""
                    GET /old/x?q HTTP/1.1
                    Host: a.example

                    """);

            assertThat(head.rewritePath("/new//./x")).isTrue();
            assertThat(head.rewritePath("/../x")).isFalse();
            assertThat(head.rewriteAuthority("b.example:81")).isTrue();
            assertThat(head.rewritePath("/a\u012f..")).isFalse();
            assertThat(head.rewriteAuthority("b example")).isFalse();
            assertThat(head.rewriteAuthority("b\u010dexample")).isFalse();
            assertThat(head.path()).isEqualTo("/new/x");
            assertThat(head.host()).isEqualTo("a.example");
            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET /new/x?q HTTP/1.1
                    Host: b.example:81
                    X-Forwarded-Proto: http
                    X-Forwarded-Host: a.example

                    """));
        }

        @Test
        void turnsAnAbsoluteTargetIntoAPathAndAnHttp10RequestIntoHttp11() {
            RequestHead head = Messages.request("""
                    GET http://A.example?x=1 HTTP/1.0

                    """);

            assertThat(written(head)).isEqualTo(Messages.crlf("""
                    GET /?x=1 HTTP/1.1
                    Host: A.example
                    X-Forwarded-Proto: http
                    X-Forwarded-Host: A.example

                    """));
        }
    }

    @Nested
    class Responses {
        @Test
        void writesStatusFieldsDateAndFraming() {
            date.tick(784_111_777_000L);
            ResponseHead head = Messages.response("""
                    HTTP/1.1 200 Fine
                    Server: x
                    Content-Length: 05
                    Connection: close, X-Own
                    X-Own: 1
                    Keep-Alive: 4

                    """);

            assertThat(written(head, Persistence.KEEP)).isEqualTo(Messages.crlf("""
                    HTTP/1.1 200 Fine
                    Server: x
                    Date: Sun, 06 Nov 1994 08:49:37 GMT
                    Content-Length: 5

                    """));
        }

        @Test
        void keepsTheDateOfTheUpstream() {
            ResponseHead head = Messages.response("""
                    HTTP/1.1 204
                    Date: then
                    Content-Length: 0

                    """);

            assertThat(written(head, Persistence.CLOSE)).isEqualTo(Messages.crlf("""
                    HTTP/1.1 204 No Content
                    Date: then
                    Connection: close

                    """));
        }

        @Test
        void chunksABodyThatEndsWithTheConnectionWhenTold() {
            ResponseHead head = Messages.response("""
                    HTTP/1.0 200 OK
                    Date: then

                    """);
            head.framing(-1, true);

            assertThat(written(head, Persistence.KEEP_TOLD)).isEqualTo(Messages.crlf("""
                    HTTP/1.1 200 OK
                    Date: then
                    Transfer-Encoding: chunked
                    Connection: keep-alive

                    """));
        }

        @Test
        void writesAnInformationalHeadWithItsFieldsAlone() {
            ResponseHead head = Messages.response("""
                    HTTP/1.1 103 Early Hints
                    Link: </a>

                    """);

            assertThat(written(head, Persistence.KEEP)).isEqualTo(Messages.crlf("""
                    HTTP/1.1 103 Early Hints
                    Link: </a>

                    """));
        }

        @Test
        void writesWholeResponsesOfItsOwn() {
            ResponseHead head = new ResponseHead().start(302, 0);
            head.fields().add("Location", "https://b/");
            head.fields().add("Date", "then");

            writer.complete(head, Persistence.KEEP, false, Messages.bytes("go"), 0, 2, out);

            assertThat(out.toString()).isEqualTo(Messages.crlf("""
                    HTTP/1.1 302 Found
                    Location: https://b/
                    Date: then
                    Content-Length: 2

                    go\
                    """));
        }

        @Test
        void writesARefusalWithItsReasonAndTheRequestId() {
            writer.refusal(Reason.NO_ROUTE, "none", Messages.bytes("-ID-"), 1, 2, Persistence.CLOSE, false, out);

            assertThat(out.toString()).isEqualTo(Messages.crlf("""
                    HTTP/1.1 404 Not Found
                    Date: Thu, 01 Jan 1970 00:00:00 GMT
                    Content-Type: text/plain; charset=utf-8
                    Cache-Control: no-store
                    X-Penstock-Reason: no-route
                    X-Request-Id: ID
                    Content-Length: 4
                    Connection: close

                    none\
                    """));
        }
    }
}
