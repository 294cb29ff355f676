package io.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Frames of a WebSocket are told apart however their bytes come in pieces. */
final class WebSocketFramesTest {
    private static final long SEED = 20260711;

    private static void pass(WebSocketFrames frames, byte[] bytes, int offset, int length) {
        frames.passed(new UnsafeBuffer(bytes), offset, length);
    }

    private static byte[] frame(int opcode, int length, boolean isMasked) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x80 | opcode);
        int mask = isMasked ? 0x80 : 0;
        if (length < 126) {
            out.write(mask | length);
        } else if (length < 1 << 16) {
            out.write(mask | 126);
            out.write(length >> 8);
            out.write(length);
        } else {
            out.write(mask | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) length >> shift));
            }
        }
        out.writeBytes(new byte[(isMasked ? 4 : 0) + length]);
        return out.toByteArray();
    }

    @Test
    void leavesRoomBetweenFramesOnly() {
        Random random = new Random(SEED);
        WebSocketFrames frames = new WebSocketFrames();
        for (int round = 0; round < 200; round++) {
            int length = List.of(0, 1, 125, 126, 127, 65_535, 65_536, 70_000).get(random.nextInt(8));
            byte[] bytes = frame(random.nextInt(3), length, random.nextBoolean());
            for (int at = 0; at < bytes.length; ) {
                int part = Math.min(1 + random.nextInt(at < 20 ? 3 : 40_000), bytes.length - at);
                pass(frames, bytes, at, part);
                at += part;
                assertThat(frames.mayInsert())
                        .as("seed %d, at %d of %d", SEED, at, bytes.length)
                        .isEqualTo(at == bytes.length);
            }
        }
    }

    @Test
    void tellsSeveralFramesInOnePieceApart() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<Integer> ends = new ArrayList<>();
        for (int length : new int[] {0, 3, 200, 0, 70_000}) {
            all.writeBytes(frame(2, length, true));
            ends.add(all.size());
        }
        for (int end : ends) {
            WebSocketFrames frames = new WebSocketFrames();
            pass(frames, all.toByteArray(), 0, end);
            assertThat(frames.mayInsert()).isTrue();
            pass(frames, new byte[] {(byte) 0x82}, 0, 1);
            assertThat(frames.mayInsert()).isFalse();
        }
    }

    @Test
    void leavesNoRoomBehindTheLastFrame() {
        WebSocketFrames frames = new WebSocketFrames();
        pass(frames, frame(8, 2, false), 0, 4);

        assertThat(frames.mayInsert()).isFalse();
    }

    @Test
    void givesUpOnALengthThatCannotBe() {
        WebSocketFrames frames = new WebSocketFrames();
        pass(frames, new byte[] {(byte) 0x82, 127, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0}, 0, 12);

        assertThat(frames.mayInsert()).isFalse();
        frames.reset();
        assertThat(frames.mayInsert()).isTrue();
    }
}
