package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http.ResponseHead.BodyKind;
import io.penstock.metrics.Reason;
import org.junit.jupiter.api.Test;

class ResponseHeadParserTest {
    private final ResponseHeadParser parser = new ResponseHeadParser(HeadLimits.DEFAULT);
    private final ResponseHead head = new ResponseHead();

    private ResponseHead parse(Method method, boolean isUpgradeSent, String text) {
        String raw = Messages.crlf(text);
        parser.reset(method, isUpgradeSent);
        parser.feed(Messages.buffer(raw), 0, raw.length(), head);
        return head;
    }

    @Test
    void findsTheEndOfTheBodyByTheRulesOfTheProtocol() {
        String sized = "HTTP/1.1 200 OK\nContent-Length: 5\n\n";
        String chunked = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n";

        assertThat(parse(Method.GET, false, sized).bodyKind()).isEqualTo(BodyKind.LENGTH);
        assertThat(parse(Method.GET, false, chunked).bodyKind()).isEqualTo(BodyKind.CHUNKED);
        assertThat(parse(Method.GET, false, "HTTP/1.1 200 OK\n\n").bodyKind()).isEqualTo(BodyKind.UNTIL_CLOSE);
        assertThat(parse(Method.HEAD, false, sized).bodyKind()).isEqualTo(BodyKind.NONE);
        assertThat(parse(Method.HEAD, false, sized).contentLength()).isEqualTo(5);
        assertThat(parse(Method.HEAD, false, chunked).bodyKind()).isEqualTo(BodyKind.NONE);
        assertThat(parse(Method.CONNECT, false, chunked).bodyKind()).isEqualTo(BodyKind.NONE);
        assertThat(parse(Method.GET, false, "HTTP/1.1 204 No Content\nContent-Length: 5\n\n")
                        .bodyKind())
                .isEqualTo(BodyKind.NONE);
        assertThat(parse(Method.GET, false, "HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n")
                        .bodyKind())
                .isEqualTo(BodyKind.NONE);
    }

    @Test
    void keepsTheConnectionUnlessTheEndpointOrTheFramingSaysOtherwise() {
        assertThat(parse(Method.GET, false, "HTTP/1.1 200 OK\nContent-Length: 0\n\n")
                        .isKeepAlive())
                .isTrue();
        assertThat(parse(Method.GET, false, "HTTP/1.1 200 OK\n\n").isKeepAlive())
                .isFalse();
        assertThat(parse(Method.GET, false, "HTTP/1.1 200 OK\nContent-Length: 0\nConnection: close\n\n")
                        .isKeepAlive())
                .isFalse();
        assertThat(parse(Method.GET, false, "HTTP/1.0 200 OK\nContent-Length: 0\n\n")
                        .isKeepAlive())
                .isFalse();
    }

    @Test
    void takesOneHeadAfterAnotherOfAnAnswerWithInformationBefore() {
        ResponseHead early = parse(Method.GET, false, "HTTP/1.1 103 Early Hints\nLink: </x>\n\n");
        boolean isInformational = early.isInformational();
        ResponseHead last = parse(Method.GET, false, "HTTP/1.1 200 OK\nContent-Length: 0\n\n");

        assertThat(isInformational).isTrue();
        assertThat(last.isInformational()).isFalse();
        assertThat(last.fields().find("link")).isEqualTo(-1);
    }

    @Test
    void refusesAnUpgradeThatNobodyAskedFor() {
        parse(Method.GET, false, "HTTP/1.1 101 Switching Protocols\nConnection: upgrade\nUpgrade: websocket\n\n");

        assertThat(parser.state()).isEqualTo(ParseState.REFUSED);
        assertThat(parser.reason()).isEqualTo(Reason.UPSTREAM_PROTOCOL);
        assertThat(parser.detail()).isEqualTo("The answer is 101, but no upgrade was asked for.");
    }

    @Test
    void takesAnUpgradeThatWasAskedFor() {
        parse(Method.GET, true, "HTTP/1.1 101 Switching Protocols\nConnection: upgrade\nUpgrade: websocket\n\n");

        assertThat(head.isUpgrade()).isTrue();
        assertThat(head.isInformational()).isFalse();
    }
}
