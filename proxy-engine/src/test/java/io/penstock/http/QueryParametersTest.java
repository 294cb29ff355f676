package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueryParametersTest {
    private final QueryParameters parameters = new QueryParameters();
    private final RequestHead head =
            Messages.request("GET /?a=1&&b%20c=x+y%2B&a=2&empty=&bare&%zz=%4&=v HTTP/1.1\nHost: a\n\n");

    private String value(String name) {
        ByteBuilder out = new ByteBuilder(16);
        if (!parameters.find(head, name)) {
            return "absent";
        }
        parameters.decodeValue(head.bytes(), out);
        return out.toString();
    }

    @Test
    void findsTheFirstOfThatName() {
        assertThat(value("a")).isEqualTo("1");
        assertThat(value("A")).isEqualTo("absent");
        assertThat(value("")).isEqualTo("absent");
    }

    @Test
    void comparesDecodedNamesAndValues() {
        assertThat(value("b c")).isEqualTo("x y+");
        assertThat(parameters.valueEquals(head.bytes(), "x y+")).isTrue();
        assertThat(parameters.valueEquals(head.bytes(), "x y")).isFalse();
        assertThat(parameters.valueEquals(head.bytes(), "x y++")).isFalse();
    }

    @Test
    void findsParametersWithoutAValue() {
        assertThat(value("empty")).isEmpty();
        assertThat(value("bare")).isEmpty();
    }

    @Test
    void takesBadEscapesForWhatTheyAre() {
        assertThat(value("%zz")).isEqualTo("%4");
    }

    @Test
    void encodesWhatIsNotUnreserved() {
        ByteBuilder out = new ByteBuilder(16);
        byte[] raw = Messages.bytes("a/b c~\u00e9%");

        PercentCodec.encode(raw, 0, raw.length, out);

        assertThat(out.toString()).isEqualTo("a%2Fb%20c~%E9%25");
    }
}
