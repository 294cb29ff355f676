package io.penstock.appliance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies many times as large as the heap. */
@Tag("long")
final class BigBodyTest {
    private static final long SIZE = 4L << 30;
    private static final long PROCESS_KIB_MAX = 450 << 10;

    @TempDir
    private Path folder;

    @Test
    void streamsFourGibibytesEachWayInASmallProcess() throws Exception {
        try (LongRig rig = new LongRig(folder, "-Xmx256m", 0)) {
            String sum = SIZE + " " + expected();
            try (LongRig.Client client = rig.client()) {
                upload(client.socket().getOutputStream());
                // The answer's body is the length and checksum that the endpoint saw.
                assertThat(client.response()).isEqualTo("HTTP/1.1 200 OK " + checksumOf(sum));
                assertThat(client.get("/down/" + SIZE)).isEqualTo("HTTP/1.1 200 OK " + sum);
            }
            long peakKib = rig.gateway.statusKib("VmHWM");
            System.out.println("4 GiB up and down at -Xmx256m: peak resident " + peakKib / 1024 + " MiB");
            assertThat(peakKib).isLessThan(PROCESS_KIB_MAX);
        }
    }

    private static void upload(OutputStream output) throws Exception {
        output.write(("PUT /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + SIZE + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        byte[] bytes = new byte[1 << 16];
        for (long sent = 0; sent < SIZE; sent += bytes.length) {
            PlainEndpoint.fill(bytes, sent);
            output.write(bytes);
        }
    }

    private static long expected() {
        CRC32C sum = new CRC32C();
        byte[] bytes = new byte[1 << 16];
        for (long made = 0; made < SIZE; made += bytes.length) {
            PlainEndpoint.fill(bytes, made);
            sum.update(bytes);
        }
        return sum.getValue();
    }

    private static String checksumOf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return bytes.length + " " + sum.getValue();
    }
}
