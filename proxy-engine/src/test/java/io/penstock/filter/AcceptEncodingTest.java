package io.penstock.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.coding.ContentCoding;
import io.penstock.http.Fields;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AcceptEncodingTest {
    private static final ContentCoding[] OFFERED = {ContentCoding.ZSTD, ContentCoding.BROTLI, ContentCoding.GZIP};

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | GZIP",
                "gzip, br | BROTLI",
                "GZIP;q=1.0, br;q=0.9 | GZIP",
                "br;q=0, gzip;q=0.001 | GZIP",
                "* | ZSTD",
                "*;q=0.1, gzip;q=0.5 | GZIP",
                "zstd;q=0, * | BROTLI",
                "identity, gzip;q=0.5 | none",
                "identity;q=0.5, gzip;q=0.5 | GZIP",
                "gzip;q=0 | none",
                "gzip ; q=0.000 | none",
                "gzipped, xgzip | none",
                "gzip;q=nonsense | GZIP",
                "gzip;;;,,, | GZIP",
                "'' | none",
            })
    void goesByWhatTheClientSaysAndThenByTheServersOrder(String said, String chosen) {
        Fields fields = new Fields();
        fields.add("Accept-Encoding", said);

        ContentCoding coding = AcceptEncoding.choose(fields, OFFERED);

        assertThat(coding == null ? "none" : coding.name()).isEqualTo(chosen);
    }
}
