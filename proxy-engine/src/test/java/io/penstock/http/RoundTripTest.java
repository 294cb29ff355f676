package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is written from a head that was read is read as the same head, and written the same again. */
class RoundTripTest {
    private static final long SEED = 20_261_121;
    private static final String[] METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "REPORT", "get"};
    private static final String[] NAMES = {
        "Accept",
        "X-Env",
        "cookie",
        "User-Agent",
        "X-Forwarded-For",
        "Via",
        "api_key",
        "x~",
        "ETag",
        "X-Forwarded-Port",
        "Connection",
        "Keep-Alive",
        "TE",
        "Upgrade",
        "Trailer",
        "X-Request-Id"
    };
    private static final String[] VALUES = {
        "", "a", "close", "x-env", "a, b", "\tq=1 ", "trailers", "\u00ff", "keep-alive"
    };
    private static final String[] OPTIONS = {
        "", "close", "X-Env, TE", "x~ ,keep-alive", "upgrade", "cookie", "x-forwarded-port"
    };
    private static final String[] PATHS = {"/", "/a", "/./b/", "/a%2fb", "//c", "/%7e", "/a;b", "/d/../e", "/[]"};
    private static final String[] QUERIES = {"", "?", "?a=b", "?%zz&../", "?a?b"};
    private static final String[] HOSTS = {"a", "A.b:80", "[::1]", "[2001:DB8::1]:8080", "c.", "d:"};

    private final SplittableRandom random = new SplittableRandom(SEED);

    private String any(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String anyRequest() {
        StringBuilder text = new StringBuilder();
        text.append(any(METHODS))
                .append(' ')
                .append(any(PATHS))
                .append(any(QUERIES))
                .append(" HTTP/1.1\r\n");
        text.append("Host: ").append(any(HOSTS)).append("\r\n");
        for (int i = random.nextInt(8); i > 0; i--) {
            String name = any(NAMES);
            text.append(name).append(random.nextBoolean() ? ": " : ":");
            text.append(name.equals("Connection") ? any(OPTIONS) : any(VALUES)).append("\r\n");
        }
        switch (random.nextInt(3)) {
            case 0 ->
                text.append("Content-Length: ").append(random.nextInt(1000)).append("\r\n");
            case 1 -> text.append("Transfer-Encoding: chunked\r\n");
            default -> {}
        }
        return text.append("\r\n").toString();
    }

    private static String written(RequestHead head, boolean isTrusted) {
        head.forwarding().peerTrusted(isTrusted).peer(Messages.bytes("192.0.2.7"), isTrusted ? 0 : 9);
        ByteBuilder out = new ByteBuilder(16);
        new HeadWriter(new HttpDate()).request(head, out);
        return out.toString();
    }

    @Test
    void readsWhatItWroteAsTheSameRequest() {
        for (int round = 0; round < 20_000; round++) {
            String text = anyRequest();
            RequestHead head = Messages.request(text);
            String first = written(head, false);
            RequestHead again = Messages.request(first);

            assertThat(again.path()).as("%s, seed %d", text, SEED).isEqualTo(head.path());
            assertThat(again.query()).isEqualTo(head.query());
            assertThat(again.host()).isEqualTo(head.host());
            assertThat(again.contentLength()).isEqualTo(head.contentLength());
            assertThat(again.isChunked()).isEqualTo(head.isChunked());
            assertThat(again.methodToken()).isEqualTo(head.methodToken());
            assertThat(again.takesTrailers()).isEqualTo(head.takesTrailers());
            // A trusted next hop with nothing to add passes on what it got, but for the order of what is made anew.
            String second = written(again, true);
            assertThat(second.lines().sorted().filter(line -> !line.startsWith("X-Forwarded-For")))
                    .as("%s, seed %d", text, SEED)
                    .containsExactlyElementsOf(first.lines()
                            .sorted()
                            .filter(line -> !line.startsWith("X-Forwarded-For"))
                            .toList());
        }
    }
}
