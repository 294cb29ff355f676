package io.penstock.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.http.Fields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeepAliveHintTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "timeout=5|4000",
                "timeout=5, max=100|4000",
                "max=100,timeout=60|59000",
                "Timeout=2|1500",
                "timeout=1|750",
                "timeout=0|0",
                "timeout=5, max=0|0",
                "timeout=99999999999999|999999000",
            })
    void stopsBeforeTheEndpointDoes(String value, long idleMs) {
        Fields fields = new Fields();
        fields.add("Keep-Alive", value);

        assertThat(KeepAliveHint.idleTimeoutNs(fields)).isEqualTo(idleMs * 1_000_000);
    }

    @ParameterizedTest
    @CsvSource({"timeout", "timeout=", "timeout=x", "xtimeout=5", "''"})
    void takesNothingFromAnythingElse(String value) {
        Fields fields = new Fields();
        fields.add("Keep-Alive", value);

        assertThat(KeepAliveHint.idleTimeoutNs(fields)).isEqualTo(KeepAliveHint.NO_HINT_NS);
    }

    @Test
    void takesNothingFromItsAbsence() {
        assertThat(KeepAliveHint.idleTimeoutNs(new Fields())).isEqualTo(KeepAliveHint.NO_HINT_NS);
    }
}
