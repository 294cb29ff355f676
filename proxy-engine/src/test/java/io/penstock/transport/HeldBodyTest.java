package io.penstock.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class HeldBodyTest {
    private final HeldChunks chunks = new HeldChunks();
    private final HeldBody body = new HeldBody(chunks);

    private static UnsafeBuffer bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return new UnsafeBuffer(bytes);
    }

    @Test
    void givesBackInOrderWhatItHolds() {
        UnsafeBuffer sent = bytes(20_000);
        body.hold(sent, 0, 7);
        body.hold(sent, 7, 19_993);

        int at = 0;
        while (!body.isEmpty()) {
            HeldChunk chunk = body.removeFirst();
            int taken = Math.min(5000, chunk.length());
            for (int i = 0; i < taken; i++) {
                assertThat(chunk.buffer().getByte(i)).isEqualTo(sent.getByte(at + i));
            }
            at += taken;
            chunk.drop(taken);
            if (chunk.length() > 0) {
                body.putBack(chunk);
            } else {
                body.release(chunk);
            }
        }
        assertThat(at).isEqualTo(20_000);
    }

    @Test
    void tellsHowMuchItForgets() {
        body.hold(bytes(20_000), 0, 20_000);

        assertThat(body.drop()).isEqualTo(20_000);
        assertThat(body.isEmpty()).isTrue();
        assertThat(body.drop()).isZero();
    }

    @Test
    void whatABurstTookGoesBackToTheSystemWithoutTheCollector() {
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        long before = direct.getMemoryUsed();
        List<HeldBody> burst = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            HeldBody one = new HeldBody(chunks);
            one.hold(bytes(100), 0, 100);
            burst.add(one);
        }
        assertThat(direct.getMemoryUsed() - before).isGreaterThanOrEqualTo(4000L * HeldChunk.BYTES);

        burst.forEach(HeldBody::drop);

        assertThat(direct.getMemoryUsed() - before).isLessThan(500L * HeldChunk.BYTES);
    }
}
