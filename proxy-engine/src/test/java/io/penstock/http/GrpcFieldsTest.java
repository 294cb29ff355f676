package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a head says of a gRPC call. */
final class GrpcFieldsTest {
    private static RequestHead post(String field) {
        return Messages.request("POST /s/m HTTP/1.1\nHost: a\n" + field + "\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/grpc", "Application/gRPC", "application/grpc+proto", "application/grpc;x=y"})
    void tellsACallByItsContentType(String type) {
        assertThat(GrpcFields.isCall(post("Content-Type: " + type))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/grpc-web", "application/grpc-web+proto", "application/grpcx", "application/json", ""
            })
    void takesNothingElseForACall(String type) {
        assertThat(GrpcFields.isCall(post("Content-Type: " + type))).isFalse();
        assertThat(GrpcFields.isCall(post("X: y"))).isFalse();
    }

    @Test
    void callsArePosted() {
        assertThat(GrpcFields.isCall(Messages.request("GET / HTTP/1.1\nHost: a\nContent-Type: application/grpc\n\n")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "1n, 1",
        "20u, 20000",
        "250m, 250000000",
        "5S, 5000000000",
        "1M, 60000000000",
        "99999999H, 31536000000000000",
        "0S, 0",
    })
    void readsTimeouts(String text, long ns) {
        assertThat(GrpcFields.timeoutNs(post("grpc-timeout: " + text).fields())).isEqualTo(ns);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "S", "5", "5s", "5 S", "-5S", "+5S", "123456789S", "1.5S", "5SS", "x"})
    void heedsNoOtherText(String text) {
        assertThat(GrpcFields.timeoutNs(post("grpc-timeout: " + text).fields())).isEqualTo(-1);
    }

    @Test
    void heedsNoAbsentTimeout() {
        assertThat(GrpcFields.timeoutNs(post("X: y").fields())).isEqualTo(-1);
    }
}
